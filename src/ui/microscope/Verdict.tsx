/** In words and arrows: which way each term moves this token's entropy. */
import { formatValue } from '../format.ts';
import type { Given } from './given.ts';
import {
  coefficientOf,
  type Direction,
  directionOf,
  entropyChange,
  inWords,
  pushOf,
  shortName,
} from './reading.ts';

const ARROW: Record<Direction, string> = { up: '▲', down: '▼', none: '–' };

export function Verdict({ target, task, inspection, seen, token }: Given) {
  const V = task.vocabulary.length;
  const parts = seen.terms.map((term) => {
    const push = pushOf(term, target.position, V);
    const change = entropyChange(token.probabilities, token.entropy, push, inspection.temperature);
    return { term, change, name: shortName(term.method), direction: directionOf(change) };
  });
  const main = (id: string) => parts.find(({ term }) => term.method === id);
  const pair = [main('entropy_bonus'), main('ib_entropy')].filter((part) => part !== undefined);
  const isSplit =
    new Set(pair.map(({ direction }) => direction)).size === 2 &&
    pair.every(({ direction }) => direction !== 'none');
  return (
    <section className="scope-verdict" data-split={isSplit} aria-label="Push on the entropy">
      <p aria-live="polite">
        <span className="quiet">Entropy at this token: </span>
        <b>{inWords(pair)}</b>
        {isSplit ? <span className="scope-flag">opposite</span> : null}
      </p>
      <ul>
        {parts.map(({ term, name, change, direction }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: terms keep their order
          <li key={i} data-direction={direction}>
            <span className="scope-arrow" aria-hidden="true">
              {ARROW[direction]}
            </span>
            <span>
              {name} <span className="quiet">{coefficientOf(term)}</span>
            </span>
            <span className="number">
              <span className="visually-hidden">pushes {direction}, </span>
              {change > 0 ? '+' : ''}
              {formatValue(change)}
            </span>
          </li>
        ))}
      </ul>
      <p className="quiet small">
        Nats per unit of step that this token’s entropy would move if each term alone moved its
        logits.
      </p>
    </section>
  );
}
