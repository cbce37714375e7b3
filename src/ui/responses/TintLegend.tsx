/** What the fill of a token means. */
import { formatValue } from '../format.ts';
import { Token } from './Token.tsx';

export function TintLegend({ max }: { max: number }) {
  const stops = [0, 0.05, 0.25, 0.5, 1];
  return (
    <span className="tint-legend number">
      entropy 0
      <span aria-hidden="true">
        {stops.map((share) => (
          <Token key={share} text="" entropy={share * max} maxEntropy={max} />
        ))}
      </span>
      {formatValue(max)} nats (a uniform guess)
    </span>
  );
}
