/** Kept runs that are drawn over the charts, as recorded lines. */
import { useMemo } from 'react';
import { create } from 'zustand';
import type { Experiment, RunId } from '../../core/experiment.ts';
import type { MetricId } from '../../metrics/index.ts';
import { useLab } from '../context.ts';
import { History, type RunHistory } from '../history.ts';
import type { Interval } from '../interval.ts';

export interface Overlay {
  id: string;
  name: string;
  experiment: Experiment;
  history: History;
}

/** An arm of a kept run, with an id that no arm of an experiment can have. */
export interface RecordedArm {
  id: string;
  name: string;
  color: number;
  isRecorded: true;
}

const useStore = create<{ overlays: readonly Overlay[] }>(() => ({ overlays: [] }));

export function useOverlays() {
  const { library } = useLab();
  const overlays = useStore((state) => state.overlays);
  const remove = (id: string) =>
    useStore.setState({ overlays: overlays.filter((overlay) => overlay.id !== id) });
  const toggle = (id: string) =>
    library.attempt('The run was not drawn', async () => {
      if (overlays.some((overlay) => overlay.id === id)) return remove(id);
      const { name, experiment } = library.run(id);
      const overlay = { id, name, experiment, history: await library.curves(id) };
      useStore.setState((now) => ({ overlays: [...now.overlays, overlay] }));
    });
  return { overlays, toggle, remove };
}

const armKey = (overlay: Overlay, arm: string) =>
  `REC${overlay.id.replace(/[^a-z0-9]/gi, '')}_${arm}`;

export function recordedArms(overlay: Overlay): RecordedArm[] {
  return overlay.experiment.arms
    .filter((arm) => arm.enabled)
    .map(({ id, name, color }) => ({
      id: armKey(overlay, id),
      name: `${name}, recorded in ${overlay.name}`,
      color,
      isRecorded: true,
    }));
}

/** The curves on the charts with those of the overlays beside them, under the ids of `recordedArms`. */
export function useOverlaid(live: History, overlays: readonly Overlay[]): History {
  return useMemo(() => overlaid(live, overlays), [live, overlays]);
}

export function overlaid(live: History, overlays: readonly Overlay[]): History {
  return overlays.length === 0 ? live : new Overlaid(live, overlays);
}

class Overlaid extends History {
  private readonly recorded = new Map<string, { history: History; arm: string }>();
  private readonly recordedRuns: RunHistory[] = [];

  constructor(
    private readonly live: History,
    overlays: readonly Overlay[],
  ) {
    super();
    this.version = live.version;
    for (const overlay of overlays) {
      for (const { id } of overlay.experiment.arms) {
        this.recorded.set(armKey(overlay, id), { history: overlay.history, arm: id });
      }
      for (const run of overlay.history.runs()) {
        this.recordedRuns.push({ ...run, arm: armKey(overlay, run.arm) });
      }
    }
  }

  override subscribe = (listener: () => void): (() => void) =>
    this.live.subscribe(() => {
      this.version = this.live.version;
      listener();
    });

  override at(arm: string, metric: MetricId, step: number): Interval | undefined {
    const { history, arm: own } = this.recorded.get(arm) ?? { history: this.live, arm };
    return history.at(own, metric, step);
  }

  override means(arm: string, metric: MetricId): Float32Array {
    const { history, arm: own } = this.recorded.get(arm) ?? { history: this.live, arm };
    return history.means(own, metric);
  }

  override run(run: RunId): RunHistory | undefined {
    const recorded = this.recorded.get(run.arm);
    return recorded
      ? this.recordedRuns.find(({ arm, seed }) => arm === run.arm && seed === run.seed)
      : this.live.run(run);
  }

  override runs() {
    return [...this.live.runs(), ...this.recordedRuns];
  }

  override lastStep(): number {
    const ends = [...this.recorded.values()].map(({ history }) => history.lastStep());
    return Math.max(this.live.lastStep(), ...ends);
  }
}
