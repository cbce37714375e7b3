/** One response: right or wrong with the reason, its tokens filled by the chosen tint; each opens the microscope. */
import { type KeyboardEvent, type MouseEvent, memo, useState } from 'react';
import type { Task } from '../../tasks/task.ts';
import type { ResponseSample } from '../../worker/protocol.ts';
import { formatValue } from '../format.ts';
import { lengthInWords } from './mixture.ts';
import { Token } from './Token.tsx';
import type { Coefficients, Tint } from './tint.ts';

interface Props {
  sample: ResponseSample;
  task: Task;
  tint: Tint;
  /** Value of a full token. */
  full: number;
  coefficients: Coefficients;
  /** Opens the microscope at a token. Always the same function. */
  onLook?: (sample: ResponseSample, position: number) => void;
}

/** What rounding leaves of 0 in a mean over tokens is 0. */
const tidy = (advantage: number): number => (Math.abs(advantage) < 1e-6 ? 0 : advantage);

const placeOf = (target: EventTarget): number | undefined => {
  const at = target instanceof Element ? target.closest<HTMLElement>('[data-at]')?.dataset.at : '';
  return at ? Number(at) : undefined;
};

/** What is mixed at this position, where no token was drawn. */
function latentAt({ mixtures }: ResponseSample, at: number, task: Task) {
  const mixture = mixtures?.[at];
  return mixture && { mixture, task };
}

export const Response = memo(function Response(props: Props) {
  const { sample, task, tint, full, coefficients, onLook } = props;
  // One stop of the Tab key a response; arrows walk along its tokens.
  const [stop, setStop] = useState(0);
  const last = sample.tokens.length - 1;

  function look(event: MouseEvent): void {
    const at = placeOf(event.target);
    if (at === undefined) return;
    setStop(at);
    onLook?.(sample, at);
  }

  function walk(event: KeyboardEvent<HTMLElement>): void {
    const at = placeOf(event.target);
    if (at === undefined) return;
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const place = Math.max(0, Math.min(last, to));
    setStop(place);
    event.currentTarget.querySelector<HTMLElement>(`[data-at="${place}"]`)?.focus();
  }

  return (
    <li className="response">
      <span className={sample.correct ? 'mark-right' : 'mark-wrong'} aria-hidden="true">
        {sample.correct ? '✓' : '✗'}
      </span>
      <div
        className="tokens"
        role="toolbar"
        aria-label="Tokens; Enter opens the microscope"
        onClick={look}
        onKeyDown={walk}
      >
        {sample.tokens.map((token, at) => (
          <Token
            // biome-ignore lint/suspicious/noArrayIndexKey: a token is its position
            key={at}
            at={onLook && at}
            isTabStop={at === Math.min(stop, last)}
            text={task.vocabulary[token] ?? '?'}
            isEnd={token === task.eos}
            tint={tint}
            value={tint.at(sample, at, coefficients)}
            full={full}
            logp={sample.logp[at]}
            latent={latentAt(sample, at, task)}
          />
        ))}
      </div>
      <span className="response-why number">
        <span className="visually-hidden">{sample.correct ? 'Right: ' : 'Wrong: '}</span>
        {sample.reason} · {lengthInWords(sample.tokens, sample.mixtures)}
        {Number.isFinite(sample.advantage) && ` · advantage ${formatValue(tidy(sample.advantage))}`}
      </span>
    </li>
  );
});
