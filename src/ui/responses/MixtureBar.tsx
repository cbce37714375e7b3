/** A mixture as a bar of pieces, the largest first, each as wide as its share. What it says in words is for its owner. */
import type { Task } from '../../tasks/task.ts';
import { type Mixture, partsOf } from './mixture.ts';

/** Below, a piece is too narrow for its letter. */
const READABLE = 0.2;

export function MixtureBar({ mixture, task }: { mixture: Mixture; task: Task }) {
  return (
    <span className="mixture" aria-hidden="true">
      {partsOf(mixture, task).map(({ text, share }, rank) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: a piece is its rank
          key={rank}
          className="mixture-part"
          data-rank={text === undefined ? 'rest' : rank}
          // Drawn by the style sheet: letters side by side are no word that somebody could say.
          data-text={share >= READABLE ? text : undefined}
          style={{ flexGrow: share }}
        />
      ))}
    </span>
  );
}
