/** Phase 5: the same tokens under the weights before and after the step. */
import type { SlowArm, SlowResponse } from '../../core/slow_step.ts';
import { formatValue, plural } from '../format.ts';
import { Compare } from './Compare.tsx';
import { armOf, type SlowGiven } from './given.ts';
import { advantageOf, CHANGES, meanChange } from './shaping.ts';

const [LOGP, ENTROPY] = CHANGES;

export function Update(given: SlowGiven) {
  return (
    <>
      <Compare
        given={given}
        measures={CHANGES}
        label="Tint by the change of the"
        summary={(arm) => <Changes arm={arm} />}
        detail={({ before, after, mixtures }, t) => (
          <>
            {mixtures?.[t] ? (
              <>
                mean log-probability of what was mixed {formatValue(before.logp[t])} →{' '}
                <b>{formatValue(after.logp[t])}</b>
              </>
            ) : (
              <>
                probability {formatValue(Math.exp(before.logp[t]))} →{' '}
                <b>{formatValue(Math.exp(after.logp[t]))}</b>
              </>
            )}
            , entropy {formatValue(before.entropy[t])} → <b>{formatValue(after.entropy[t])}</b> nats
          </>
        )}
      />
      <p className="quiet slow-fine">
        Measured by a forward pass with the weights before the step and one with those after it.
        {given.step.arms.map(({ updates, learned }, i) =>
          i === 0
            ? ` The step learned from all of its ${plural(learned, 'response')} in ${plural(updates, 'update')}, so a token also moves by what others taught.`
            : '',
        )}{' '}
        Shown is the first group in which “{armOf(given, given.step.arms[0].arm).name}” has better
        and worse responses, where there is one.
      </p>
    </>
  );
}

function Changes({ arm }: { arm: SlowArm }) {
  const better = arm.responses.filter((r) => advantageOf(r) > 0);
  const worse = arm.responses.filter((r) => advantageOf(r) < 0);
  const factor = (of: readonly SlowResponse[]) =>
    of.length === 0 ? '–' : `× ${formatValue(Math.exp(meanChange(of, LOGP, true)))}`;
  const entropy = meanChange(arm.responses, ENTROPY);
  return (
    <dl>
      <div>
        <dt>probability, better responses</dt>
        <dd>{factor(better)}</dd>
      </div>
      <div>
        <dt>probability, worse responses</dt>
        <dd>{factor(worse)}</dd>
      </div>
      <div>
        <dt>entropy per token, nats</dt>
        <dd>
          {entropy > 0 ? '+' : ''}
          {formatValue(entropy)}
        </dd>
      </div>
    </dl>
  );
}
