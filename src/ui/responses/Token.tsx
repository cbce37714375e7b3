/** A token whose fill rises with its entropy. The numbers stand in its title. */
import type { CSSProperties } from 'react';
import { formatValue } from '../format.ts';

interface Props {
  text: string;
  isEnd?: boolean;
  /** nats */
  entropy: number;
  /** nats */
  logp?: number;
  maxEntropy: number;
}

export function Token({ text, isEnd = false, entropy, logp, maxEntropy }: Props) {
  const share = Math.min(1, Math.max(0, entropy / maxEntropy));
  // The first tenths matter most: a square root spreads them.
  const style = {
    '--fill': `${Math.round(100 * Math.sqrt(share))}%`,
    '--strength': (0.35 + 0.35 * share).toFixed(2),
  } as CSSProperties;
  const chance = logp === undefined ? '' : `, probability ${formatValue(Math.exp(logp))}`;
  const name = isEnd ? 'end' : text;
  return (
    <span
      className={isEnd ? 'token token-end' : 'token'}
      style={style}
      title={`${name}: entropy ${formatValue(entropy)} nats${chance}`}
    >
      {isEnd ? 'end' : text}
    </span>
  );
}
