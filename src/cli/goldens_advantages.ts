/** The advantage methods against advantages.json. */
import { readFileSync } from 'node:fs';
import type { Values } from '../core/param.ts';
import { perToken, tokenBatch } from '../core/token_batch.ts';
import { METHODS } from '../methods/index.ts';
import { type Item, worstRelative } from './goldens_items.ts';

interface AdvantageFile {
  group: number[];
  score: number[];
  mask: number[][];
  /** Of a value head, 0 where masked; `gae_returns` likewise. */
  values: number[][];
  gae_returns: number[][];
  advantages: Record<string, number[][]>;
}

/** Estimators that are methods here: golden's name → method and settings. */
const ESTIMATOR_METHODS: Record<string, { id: string; values: Values }> = {
  grpo: { id: 'grpo', values: { 'grpo.scale_by_std': 1 } },
  dr_grpo: { id: 'grpo', values: { 'grpo.scale_by_std': 0 } },
  gae: { id: 'gae', values: { 'gae.gamma': 0.97, 'gae.lambda': 0.9 } },
  reinforce_plus_plus: { id: 'reinforce_plus_plus', values: { 'reinforce_plus_plus.gamma': 0.97 } },
};

export function checkAdvantages(file: string): Item[] {
  const golden = JSON.parse(readFileSync(file, 'utf8')) as AdvantageFile;
  const lengths = golden.mask.map((row) => row.reduce((a, b) => a + b, 0));
  const masked = (table: number[][]): number[] =>
    table.flatMap((row, i) => row.slice(0, lengths[i]));
  const batch = tokenBatch(lengths, {
    value: Float32Array.from(masked(golden.values)),
    group: Uint32Array.from(golden.group),
    reward: Float64Array.from(golden.score),
  });
  return Object.entries(golden.advantages).flatMap(([name, expected]): Item[] => {
    const { id, values } = ESTIMATOR_METHODS[name] ?? { id: name, values: {} };
    const method = METHODS.get(id);
    if (method?.stage !== 'advantage') {
      const skipped = 'no method for this estimator';
      return [{ name: `advantages ${name}`, error: 0, tolerance: 0, skipped }];
    }
    const advantages = perToken(batch, method.advantages(batch, values), id);
    const compared = (what: string, got: ArrayLike<number>, wanted: number[][]): Item => ({
      name: `${what} ${name}`,
      error: worstRelative(got, masked(wanted)),
      tolerance: 1e-4,
    });
    const items = [compared('advantages', advantages, expected)];
    const targets = method.critic?.targets(batch, values);
    if (targets) items.push(compared('returns', targets, golden.gae_returns));
    return items;
  });
}
