/** The prompt and the response around the token; arrows walk along it. */
import { type KeyboardEvent, useEffect, useRef } from 'react';
import type { Task } from '../../tasks/task.ts';
import { useLab } from '../context.ts';
import { MixtureBar } from '../responses/MixtureBar.tsx';
import { latentInWords } from '../responses/mixture.ts';
import { textOf } from './given.ts';
import type { Target } from './lens.ts';

export function Strip({ target, task }: { target: Target; task: Task }) {
  const { lens } = useLab();
  const row = useRef<HTMLDivElement>(null);
  const { position, prompt, sample } = target;
  const { mixtures = [] } = sample;
  const last = sample.tokens.length - 1;

  // Where the reader is after opening: on the token, so that the arrows go on from there.
  useEffect(() => {
    const timer = setTimeout(
      () => row.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus(),
      60,
    );
    return () => clearTimeout(timer);
  }, []);

  function walk(event: KeyboardEvent): void {
    const to = {
      ArrowLeft: Math.max(0, position - 1),
      ArrowRight: Math.min(last, position + 1),
      Home: 0,
      End: last,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    lens.move(to);
    row.current?.querySelectorAll<HTMLElement>('button')[to]?.focus();
  }

  return (
    <div className="scope-strip">
      <code className="prompt">{prompt.map((id) => task.vocabulary[id]).join('')}</code>
      <div
        ref={row}
        className="scope-tokens"
        role="toolbar"
        aria-label="Tokens of the response; arrow keys move"
        onKeyDown={walk}
      >
        {sample.tokens.map((id, at) => (
          <button
            // biome-ignore lint/suspicious/noArrayIndexKey: a token is its position
            key={at}
            type="button"
            className="scope-token"
            tabIndex={at === position ? 0 : -1}
            aria-pressed={at === position}
            onClick={() => lens.move(at)}
            {...(mixtures[at] && { 'aria-label': latentInWords(mixtures[at], task) })}
          >
            {mixtures[at] ? (
              <span className="scope-mixture">
                <MixtureBar mixture={mixtures[at]} task={task} />
              </span>
            ) : (
              textOf(task, id)
            )}
          </button>
        ))}
      </div>
      <span className="quiet small number">
        {mixtures[position] ? 'latent position' : 'token'} {position + 1} of {sample.tokens.length},{' '}
        {sample.correct ? 'right answer' : sample.reason}
      </span>
    </div>
  );
}
