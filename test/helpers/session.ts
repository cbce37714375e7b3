// Sessions on a base of random weights that record each row by `arm/seed step`, and are destroyed after the file's tests.
import { afterAll } from 'vitest';
import type { Experiment } from '../../src/core/experiment.ts';
import { modelConfig } from '../../src/core/model_config.ts';
import type { Checkpoint } from '../../src/core/report.ts';
import { METRIC_INDEX } from '../../src/metrics/index.ts';
import { initialParameters } from '../../src/model/init.ts';
import { createLayout } from '../../src/model/layout.ts';
import { saveParameters } from '../../src/model/safetensors.ts';
import { TASKS } from '../../src/tasks/index.ts';
import { Session } from '../../src/train/session.ts';
import { device } from './dawn.ts';

export const task = TASKS.get('chain_sum')!;
export const layout = createLayout(modelConfig('nano', task.vocabulary.length));
const base = saveParameters(layout, initialParameters(layout, 1));
const opened = { device, vendor: '', architecture: '', description: '', software: true };

const sessions: Session[] = [];
afterAll(() => {
  for (const session of sessions) session.destroy();
});

/** A run that fails throws. Speed is recorded as 0: time is not part of what must repeat. */
export async function openSession(experiment: Experiment, resume?: Checkpoint) {
  const rows = new Map<string, number[]>();
  const session = await Session.open(
    opened,
    { experiment, loadBase: async () => base, resume },
    {
      progress: () => {},
      row: ({ arm, seed }, step, values) => {
        const row = [...values];
        row[METRIC_INDEX.tokens_per_second] = 0;
        rows.set(`${arm}/${seed} ${step}`, row);
      },
      byDifficulty: () => {},
      responses: () => {},
      runFailed: (_, __, message) => {
        throw new Error(message);
      },
    },
  );
  sessions.push(session);
  return { session, rows };
}
