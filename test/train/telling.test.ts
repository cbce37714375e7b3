// What is told of the base, while settings are changed under it.
import { expect, test } from 'vitest';
import type { LatentSampling } from '../../src/core/latent.ts';
import { TASKS } from '../../src/tasks/index.ts';
import type { Run } from '../../src/train/run.ts';
import { type SessionEvents, Telling } from '../../src/train/telling.ts';

/** As much of a run as an evaluation of the base asks of it. */
interface Evaluated {
  arm: string;
  seed: number;
  step: number;
  latent: Partial<LatentSampling> | undefined;
  setting(): number;
  evaluate(): Promise<object>;
}

test('a beginning of responses changed during an evaluation: every run is evaluated once', async () => {
  const told: string[] = [];
  const evaluated: string[] = [];
  const evaluation = { accuracy: 0.5, by_difficulty: [], measures: {} };
  const runs: Evaluated[] = ['plain', 'mixed', 'wide'].map((arm) => ({
    ...{ arm, seed: 0, step: 0, latent: arm === 'plain' ? undefined : { tau: 1 } },
    setting: () => 0,
    evaluate: async () => {
      evaluated.push(arm);
      // The user moves a slider of the other two arms, one of them off.
      runs[1].latent = { tau: 0.5 };
      runs[2].latent = undefined;
      return evaluation;
    },
  }));
  const events: Partial<SessionEvents> = {
    progress: () => {},
    byDifficulty: () => {},
    row: ({ arm }, step) => told.push(`${arm} ${step}`),
  };
  const telling = new Telling(
    TASKS.get('chain_sum') as never,
    {} as never,
    events as SessionEvents,
  );
  await telling.evaluateBase(runs as unknown as Run[]);
  expect(evaluated).toEqual(['plain', 'mixed', 'wide']);
  expect(told).toEqual(['plain 0', 'mixed 0', 'wide 0']);
});
