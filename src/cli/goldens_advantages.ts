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
  advantages: Record<string, number[][]>;
}

/** Estimators that are methods here: golden's name → method and settings. */
const ESTIMATOR_METHODS: Record<string, { id: string; values: Values }> = {
  grpo: { id: 'grpo', values: { 'grpo.scale_by_std': 1 } },
  dr_grpo: { id: 'grpo', values: { 'grpo.scale_by_std': 0 } },
  reinforce_plus_plus: { id: 'reinforce_plus_plus', values: { 'reinforce_plus_plus.gamma': 0.97 } },
};

export function checkAdvantages(file: string): Item[] {
  const golden = JSON.parse(readFileSync(file, 'utf8')) as AdvantageFile;
  const lengths = golden.mask.map((row) => row.reduce((a, b) => a + b, 0));
  const batch = tokenBatch(lengths, {
    group: Uint32Array.from(golden.group),
    reward: Float64Array.from(golden.score),
  });
  return Object.entries(golden.advantages).map(([name, expected]) => {
    const { id, values } = ESTIMATOR_METHODS[name] ?? { id: name, values: {} };
    const method = METHODS.get(id);
    if (method?.stage !== 'advantage') {
      return {
        name: `advantages ${name}`,
        error: 0,
        tolerance: 0,
        skipped: 'no method for this estimator',
      };
    }
    const advantages = perToken(batch, method.advantages(batch, values), id);
    const masked = expected.flatMap((row, i) => row.slice(0, lengths[i]));
    return {
      name: `advantages ${name}`,
      error: worstRelative(advantages, masked),
      tolerance: 1e-4,
    };
  });
}
