/** A token whose fill says a value; a button to the microscope where it can be looked at. */
import type { CSSProperties } from 'react';
import { formatValue } from '../format.ts';
import { fillOf, type Tint } from './tint.ts';

interface Props {
  text: string;
  isEnd?: boolean;
  tint: Pick<Tint, 'label' | 'unit' | 'isSigned'>;
  value: number | undefined;
  /** Value of a full token. */
  full: number;
  /** nats */
  logp?: number;
  /** Place in its response; a button when given. */
  at?: number;
  isTabStop?: boolean;
  /** The fill alone; the text is for the tooltip. */
  isBare?: boolean;
}

export function Token(props: Props) {
  const { text, isEnd = false, tint, value, full, logp, at, isTabStop, isBare } = props;
  const { height, strength, sign } = fillOf(value, full, tint.isSigned);
  const style = {
    '--fill': `${Math.round(100 * height)}%`,
    '--strength': strength.toFixed(2),
  } as CSSProperties;
  const chance = logp === undefined ? '' : `, probability ${formatValue(Math.exp(logp))}`;
  const name = isEnd ? 'end' : text;
  const title = `${name}: ${tint.label} ${formatValue(value)} ${tint.unit}${chance}`;
  const shared = {
    className: isEnd ? 'token token-end' : 'token',
    'data-sign': sign,
    style,
    title,
  };
  if (at === undefined) return <span {...shared}>{isBare ? '' : name}</span>;
  return (
    <button {...shared} type="button" data-at={at} tabIndex={isTabStop ? 0 : -1}>
      {name}
    </button>
  );
}
