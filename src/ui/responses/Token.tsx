/** A token whose fill says a value; a button to the microscope where it can be looked at. */
import type { CSSProperties } from 'react';
import type { Task } from '../../tasks/task.ts';
import { formatValue } from '../format.ts';
import { MixtureBar } from './MixtureBar.tsx';
import { latentInWords, type Mixture } from './mixture.ts';
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
  /** Of a latent position, where no token was drawn. */
  latent?: { mixture: Mixture; task: Task };
}

export function Token(props: Props) {
  const { text, isEnd = false, tint, value, full, logp, at, isTabStop, isBare, latent } = props;
  const { height, strength, sign } = fillOf(value, full, tint.isSigned);
  const style = {
    '--fill': `${Math.round(100 * height)}%`,
    '--strength': strength.toFixed(2),
  } as CSSProperties;
  const isDrawn = logp !== undefined && !latent;
  const chance = isDrawn ? `, probability ${formatValue(Math.exp(logp))}` : '';
  const name = latent ? latentInWords(latent.mixture, latent.task) : isEnd ? 'end' : text;
  const title = `${name}: ${tint.label} ${formatValue(value)} ${tint.unit}${chance}`;
  const kind = latent ? ' token-latent' : isEnd ? ' token-end' : '';
  const shared = { className: `token${kind}`, 'data-sign': sign, style, title };
  if (latent) {
    const bar = <MixtureBar {...latent} />;
    if (at === undefined) {
      return (
        <span {...shared}>
          {bar}
          <span className="visually-hidden">{name}</span>
        </span>
      );
    }
    return (
      <button
        {...shared}
        type="button"
        data-at={at}
        tabIndex={isTabStop ? 0 : -1}
        aria-label={name}
      >
        {bar}
      </button>
    );
  }
  if (at === undefined) return <span {...shared}>{isBare ? '' : name}</span>;
  return (
    <button {...shared} type="button" data-at={at} tabIndex={isTabStop ? 0 : -1}>
      {name}
    </button>
  );
}
