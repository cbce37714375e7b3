/** Below an arm's responses: which kinds of tokens tell about the answer, and where in the reasoning. */
import type { Task } from '../../tasks/task.ts';
import type { ResponseSample } from '../../worker/protocol.ts';
import { formatValue } from '../format.ts';
import { gainsOf, PARTS } from './gains.ts';
import { Token } from './Token.tsx';
import type { Coefficients, Tint } from './tint.ts';

interface Props {
  samples: readonly ResponseSample[];
  tint: Tint;
  full: number;
  coefficients: Coefficients;
  task: Task;
}

export function GainSummary({ samples, tint, full, coefficients, task }: Props) {
  const { kinds, parts } = gainsOf(samples, tint, coefficients, task);
  if (kinds.length === 0) {
    // Until the engine has answered, nothing can be said.
    const isRead = samples.some((sample) => coefficients.get(sample)?.answers);
    return isRead ? (
      <p className="quiet small">No token before the answer, so none that tells about it.</p>
    ) : null;
  }
  return (
    <table className="gains number">
      <caption>
        <span className="visually-hidden">{tint.label}: </span>mean nats a token
      </caption>
      <tbody>
        {kinds.map(({ kind, mean, tokens }) => (
          <tr key={kind}>
            <th scope="row">{kind}</th>
            <td>{formatValue(mean)}</td>
            <td className="quiet">{tokens}×</td>
          </tr>
        ))}
        <tr>
          <th scope="row">from beginning to end</th>
          <td colSpan={2}>
            {parts.map((mean, i) => (
              <Token
                // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place
                key={i}
                text={`part ${i + 1} of ${PARTS}`}
                tint={tint}
                value={mean ?? undefined}
                full={full}
                isBare
              />
            ))}
          </td>
        </tr>
      </tbody>
    </table>
  );
}
