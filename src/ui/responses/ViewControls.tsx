/** How responses are shown: what tints them, which ones, in what order. */
import { SegmentedControl, Select } from '@mantine/core';
import type { Task } from '../../tasks/task.ts';
import { type Order, type Show, TINTS } from './tint.ts';

export interface View {
  /** Id of the tint. */
  tint: string;
  show: Show;
  order: Order;
}

interface Props {
  view: View;
  setView: (view: View) => void;
  task: Task;
  /** Tints that the engine computes can be had. */
  hasEngine: boolean;
}

export function ViewControls({ view, setView, task, hasEngine }: Props) {
  const whyNot = ({ needs }: (typeof TINTS)[number]): string | undefined => {
    if (!needs) return undefined;
    if (!hasEngine) return 'not of a recording: the model is asked';
    const isRead = needs !== 'answers' || task.answer !== undefined;
    return isRead ? undefined : 'not of this task: its answers are longer than one token';
  };
  const reasons = new Map(TINTS.map((tint) => [tint.id, whyNot(tint)]));
  return (
    <span className="view-controls">
      <Select
        size="xs"
        w={190}
        aria-label="Tint tokens by"
        allowDeselect={false}
        data={TINTS.map((tint) => ({
          ...{ value: tint.id, label: tint.label, disabled: reasons.get(tint.id) !== undefined },
        }))}
        renderOption={({ option }) => (
          <span>
            {option.label}
            {reasons.get(option.value) && (
              <span className="tint-why small">{reasons.get(option.value)}</span>
            )}
          </span>
        )}
        value={view.tint}
        onChange={(tint) => tint && setView({ ...view, tint })}
      />
      <SegmentedControl
        size="xs"
        aria-label="Responses shown"
        data={['all', 'right', 'wrong']}
        value={view.show}
        onChange={(show) => setView({ ...view, show: show as Show })}
      />
      <Select
        size="xs"
        w={130}
        aria-label="Order"
        allowDeselect={false}
        data={[
          { value: 'sampled', label: 'as sampled' },
          { value: 'shortest', label: 'shortest first' },
          { value: 'longest', label: 'longest first' },
        ]}
        value={view.order}
        onChange={(order) => order && setView({ ...view, order: order as Order })}
      />
    </span>
  );
}
