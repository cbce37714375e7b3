/** One response: right or wrong with the reason, its tokens filled by their entropy. */
import { memo } from 'react';
import type { Task } from '../../tasks/task.ts';
import type { ResponseSample } from '../../worker/protocol.ts';
import { formatValue, plural } from '../format.ts';
import { Token } from './Token.tsx';

interface Props {
  sample: ResponseSample;
  task: Task;
  /** ln V, the entropy of a uniform guess. */
  maxEntropy: number;
}

export const Response = memo(function Response({ sample, task, maxEntropy }: Props) {
  return (
    <li className="response">
      <span className={sample.correct ? 'mark-right' : 'mark-wrong'} aria-hidden="true">
        {sample.correct ? '✓' : '✗'}
      </span>
      <div className="tokens">
        {sample.tokens.map((token, at) => (
          <Token
            // biome-ignore lint/suspicious/noArrayIndexKey: a token is its position
            key={at}
            text={task.vocabulary[token] ?? '?'}
            isEnd={token === task.eos}
            entropy={sample.entropy[at]}
            logp={sample.logp[at]}
            maxEntropy={maxEntropy}
          />
        ))}
      </div>
      <span className="response-why number">
        <span className="visually-hidden">{sample.correct ? 'Right: ' : 'Wrong: '}</span>
        {sample.reason} · {plural(sample.tokens.length, 'token')} · advantage{' '}
        {formatValue(sample.advantage)}
      </span>
    </li>
  );
});
