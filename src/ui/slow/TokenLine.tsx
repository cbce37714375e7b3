/** The tokens of one response as a row to walk along: one stop of the Tab key, arrows within. */
import { type KeyboardEvent, useState } from 'react';
import type { Task } from '../../tasks/task.ts';
import { textOf } from '../microscope/given.ts';
import type { Mixture } from '../responses/mixture.ts';
import { Token } from '../responses/Token.tsx';
import type { Tint } from '../responses/tint.ts';

export type Fill = Pick<Tint, 'label' | 'unit' | 'isSigned'>;

interface Props {
  name: string;
  task: Task;
  tokens: readonly number[];
  /** Of the latent positions that it begins with. */
  mixtures?: readonly Mixture[];
  fill: Fill;
  /** Value of each token; undefined: no fill. */
  values?: readonly number[];
  /** Value of a full token. */
  full: number;
  /** A small text below each token. */
  below?: readonly string[];
  /** Tokens that have been written by now. */
  written?: number;
  /** A token is pointed at or focused. */
  onPoint?: (position: number) => void;
}

export function TokenLine(props: Props) {
  const { name, task, tokens, mixtures = [], fill, values, full, below } = props;
  const { written = tokens.length, onPoint } = props;
  const [stop, setStop] = useState(0);
  const last = tokens.length - 1;

  function walk(event: KeyboardEvent<HTMLElement>): void {
    const to = { ArrowLeft: stop - 1, ArrowRight: stop + 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    // The phases have these keys elsewhere.
    event.preventDefault();
    event.stopPropagation();
    const place = Math.max(0, Math.min(last, to));
    setStop(place);
    event.currentTarget.querySelector<HTMLElement>(`[data-at="${place}"]`)?.focus();
  }

  return (
    <div
      className="slow-tokens"
      role="toolbar"
      aria-label={`${name}; arrow keys walk along its tokens`}
      onKeyDown={walk}
      onFocus={(event) => point(event.target)}
      onMouseOver={(event) => point(event.target)}
    >
      {tokens.map((id, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a token is its position
        <span key={at} className="slow-token" data-hidden={at >= written}>
          <Token
            text={textOf(task, id)}
            isEnd={id === task.eos}
            tint={fill}
            value={values ? values[at] : 0}
            full={full}
            at={at}
            isTabStop={at === Math.min(stop, last)}
            latent={mixtures[at] && { mixture: mixtures[at], task }}
          />
          {below && <small className="number">{below[at]}</small>}
        </span>
      ))}
    </div>
  );

  function point(target: EventTarget): void {
    const at = target instanceof HTMLElement ? target.closest<HTMLElement>('[data-at]') : null;
    if (!at) return;
    const position = Number(at.dataset.at);
    setStop(position);
    onPoint?.(position);
  }
}
