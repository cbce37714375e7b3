/** Which line is which arm, and what a line and its band are. A press puts an arm's curves out of sight. */
import type { Arm } from '../../core/experiment.ts';
import { useLab, useSession } from '../context.ts';
import { LineSample } from '../controls/LineSample.tsx';

interface Props {
  arms: readonly Arm[];
  seeds: number;
}

export function ArmKeys({ arms, seeds }: Props) {
  const { store } = useLab();
  const hidden = useSession((session) => session.hidden);
  const toggle = (id: string) => {
    const next = new Set(hidden);
    if (!next.delete(id)) next.add(id);
    store.setState({ hidden: next });
  };
  return (
    <div className="keys">
      {arms.map((arm) => (
        <button
          key={arm.id}
          type="button"
          className="key"
          aria-pressed={!hidden.has(arm.id)}
          title={hidden.has(arm.id) ? 'Show its curves' : 'Hide its curves'}
          onClick={() => toggle(arm.id)}
        >
          <LineSample color={arm.color} width={28} />
          {arm.name}
        </button>
      ))}
      <span className="quiet small">
        {seeds > 1
          ? `By step. Line: mean of ${seeds} seeds. Band: 95 % t-interval of the mean.`
          : 'By step. One seed: a single run each, so no band and no word on chance.'}
      </span>
    </div>
  );
}
