/** Which line is which arm, and what a line and its band are. A press puts an arm's curves out of sight. */
import type { Arm } from '../../core/experiment.ts';
import { useLab, useSession } from '../context.ts';
import { LineSample } from '../controls/LineSample.tsx';
import { useView } from '../view.ts';
import { drawnAs } from './notes.ts';

interface Props {
  arms: readonly Arm[];
  seeds: number;
}

export function ArmKeys({ arms, seeds }: Props) {
  const { store } = useLab();
  const hidden = useSession((session) => session.hidden);
  const window = useView((view) => view.window);
  const spread = useView((view) => view.spread);
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
      <span className="quiet small">{drawnAs({ window, spread }, seeds)}</span>
    </div>
  );
}
