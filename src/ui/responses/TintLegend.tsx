/** What the fill of a token means, from end to end. */
import { formatValue } from '../format.ts';
import { Token } from './Token.tsx';
import type { Tint } from './tint.ts';

interface Props {
  tint: Omit<Tint, 'at'>;
  full: number;
}

export function TintLegend({ tint, full }: Props) {
  const shares = tint.isSigned ? [-1, -0.25, 0, 0.25, 1] : [0, 0.05, 0.25, 0.5, 1];
  return (
    <span className="tint-legend number" title={tint.help}>
      {tint.isSigned ? formatValue(-full) : 0}
      <span aria-hidden="true">
        {shares.map((share) => (
          <Token key={share} text="" tint={tint} value={share * full} full={full} />
        ))}
      </span>
      {tint.isSigned && '+'}
      {formatValue(full)} {tint.unit}
      {tint.id === 'entropy' && ' (uniform)'}
    </span>
  );
}
