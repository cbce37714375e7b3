/** What a picture says of itself: how the curves were made, and of which settings. */
import { armValues, type Experiment } from '../../core/experiment.ts';
import { formatSetting } from '../format.ts';
import type { Session } from '../store.ts';
import type { View } from '../view.ts';

/** How a line came about, in a sentence or two. */
export function drawnAs(
  view: { window: number; spread: View['spread'] | 'path' },
  seeds: number,
): string {
  const lines =
    seeds === 1
      ? 'One seed: a single run each, so no band and no word on chance.'
      : view.spread === 'seeds'
        ? `A thin line for each of ${seeds} seeds.`
        : view.spread === 'path'
          ? `Means over ${seeds} seeds.`
          : `Line: mean of ${seeds} seeds. Band: 95 % t-interval of the mean.`;
  return view.window > 1 ? `${lines} Each seed smoothed over ${view.window} steps.` : lines;
}

/** The settings that someone would need to see the same, in a paragraph. */
export function settingsNote(experiment: Experiment, source: string): string {
  const { values } = experiment;
  const n = (key: string) => formatSetting(values[`trainer.${key}`]);
  const arms = experiment.arms
    .filter((arm) => arm.enabled)
    .map((arm) => {
      const all = armValues(experiment, arm);
      const own = Object.keys(all)
        .filter((key) => arm.methods.some((method) => key.startsWith(`${method}.`)))
        .map((key) => `${key} ${formatSetting(all[key])}`);
      const what = own.length > 0 ? own.join(', ') : arm.methods.join(', ') || 'nothing added';
      return `${arm.name}: ${what}`;
    });
  return [
    `Settings: task ${experiment.task}, model ${experiment.model}, ${n('prompts')} prompts × ${n('group_size')} responses a step,`,
    `learning rate ${n('learning_rate')}, epochs ${n('epochs')}, minibatches ${n('minibatches')},`,
    `seeds ${experiment.seeds.join(', ')}. ${arms.join('; ')}.`,
    source,
  ].join(' ');
}

export function sourceNote({ recording }: Pick<Session, 'recording'>): string {
  return recording ? `From a recording: ${recording.source}.` : 'Measured live by Entroscope.';
}
