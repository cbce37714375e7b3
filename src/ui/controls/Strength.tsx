/** Matched strength: its switch above the arms, and at each regularizer the coefficient that was found. */
import type { Arm, Experiment } from '../../core/experiment.ts';
import { TRAINER_PARAMS } from '../../core/settings.ts';
import { isMatched } from '../../core/strength.ts';
import type { Method } from '../../methods/method.ts';
import { useSession } from '../context.ts';
import { formatSetting, formatValue } from '../format.ts';
import { ParamControl } from './ParamControl.tsx';

const { match_strength, match_fraction } = TRAINER_PARAMS;
/** Settings of the training loop that stand here and not in its list. */
export const MATCH_SETTINGS = ['match_strength', 'match_fraction'];

interface Props {
  draft: Experiment;
  set: (key: string, value: number) => void;
}

export function MatchStrength({ draft, set }: Props) {
  const isOn = isMatched(draft.values);
  const fraction = draft.values['trainer.match_fraction'] ?? match_fraction.default;
  return (
    <div className="match-strength">
      <ParamControl
        param={match_strength}
        value={isOn ? 1 : 0}
        onChange={(value) => set('trainer.match_strength', value)}
      />
      {isOn && (
        <ParamControl
          param={match_fraction}
          value={fraction}
          onChange={(value) => set('trainer.match_fraction', value)}
        />
      )}
    </div>
  );
}

/** What applies instead of a regularizer's strength while strengths are matched. */
export function MatchedNote({ arm, method }: { arm: Arm; method: Method }) {
  const isOn = useSession((session) => isMatched(session.draft.values));
  const isRun = useSession((session) => session.opened && isMatched(session.opened.values));
  const found = useSession((session) =>
    session.strengths.find((s) => s.arm === arm.id && s.method === method.id),
  );
  if (!isOn || method.stage !== 'regularizer') return null;
  if (method.strength === undefined) {
    return (
      <p className="matched-note param-error" role="alert">
        Its strength cannot be matched: no setting of it is proportional to its gradient. Switch
        “match strengths” off, or use another regularizer.
      </p>
    );
  }
  const { label } = method.params[method.strength] ?? { label: method.strength };
  if (!found || !isRun) {
    return (
      <p className="matched-note quiet small">
        {label} is chosen when the runs are prepared; the value above is not used.
      </p>
    );
  }
  return (
    <p className="matched-note small">
      <b>
        {label} = {formatSetting(round(found.value))} applies
      </b>
      , not the value above: gradient {formatSetting(found.fraction)} × the policy’s (
      {formatValue(found.policy_norm)} ± {formatValue(found.policy_sd)}; this term at {label} = 1:{' '}
      {formatValue(found.unit_norm)} ± {formatValue(found.unit_sd)}; cosine{' '}
      {formatValue(found.cosine)}), {found.batches} batches of the base.
    </p>
  );
}

/** Three digits, for reading. */
const round = (value: number): number => Number(value.toPrecision(3));
