/** Phase 2: what the verifier says of each response, and why. */
import { findMethod } from '../declared.ts';
import { formatSetting } from '../format.ts';
import { Detail } from './Detail.tsx';
import { type SlowGiven, textOfAll } from './given.ts';

export function Verify({ arm, task }: SlowGiven) {
  const right = arm.responses.filter(({ correct }) => correct).length;
  const changed = arm.rewards.map((id) => findMethod(id)?.label ?? id).join(', ');
  return (
    <>
      <Detail />
      <p className="slow-fact">
        Right answer <b>{arm.answer}</b>. <b>{right}</b> of {arm.responses.length} responses are
        right.
        {arm.responses.some(({ mixtures }) => mixtures) &&
          ' The verifier reads what follows the latent positions (▒).'}
        {changed && ` The rewards were then changed by ${changed}.`}
      </p>
      <ol className="slow-rows">
        {arm.responses.map(({ tokens, mixtures, correct, reward, task_reward, reason }, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a response is its place in the group
          <li key={place} className="slow-row slow-verified">
            <span className="slow-place number">{place + 1}</span>
            <code>{textOfAll(task, tokens, mixtures?.length)}</code>
            <span className={correct ? 'mark-right' : 'mark-wrong'} aria-hidden="true">
              {correct ? '✓' : '✗'}
            </span>
            <span className="slow-why">{reason}</span>
            <span className="slow-reward number">
              <span className="quiet">reward </span>
              {reward !== task_reward && (
                <>
                  <s>{formatSetting(task_reward)}</s>{' '}
                </>
              )}
              <b>{formatSetting(reward)}</b>
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}
