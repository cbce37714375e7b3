/** The fused loss kernel against losses.json, and the advantage methods against advantages.json. */
import { readFileSync } from 'node:fs';
import { type AggregateId, tokenWeights } from '../core/aggregate.ts';
import { readBuffer } from '../gpu/readback.ts';
import { METHODS } from '../methods/index.ts';
import { Engine } from '../model/engine.ts';
import { uploadBatch } from '../model/update.ts';
import { type Item, worstRelative } from './goldens_items.ts';
import { lossOf } from './goldens_model.ts';

interface LossCase {
  name: string;
  policy: string;
  agg: string;
  clip: { low: number; high: number; dual: number };
  entropy: 'none' | 'naive' | 'ib';
  alpha: number;
  kl: string;
  beta: number;
  logits: number[][][];
  tokens: number[][];
  mask: number[][];
  old_logp: number[][];
  ref_logp: number[][];
  advantages: number[][];
  expect: {
    loss: number;
    logp: number[][];
    entropy: number[][];
    dlogits: number[][][];
    pg_clipfrac: number | null;
  };
}

/** Method of a golden's policy; the folder may name policies that this version does not have. */
const OBJECTIVES: Record<string, string> = { vanilla: 'ppo_clip' };
const ESTIMATORS = ['k1', 'k2', 'k3', 'k3+'];

export async function checkLosses(device: GPUDevice, file: string): Promise<Item[]> {
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: LossCase[] };
  const items: Item[] = [];
  const engines = new Map<string, Engine>();
  for (const c of cases) {
    const objective = OBJECTIVES[c.policy] ?? c.policy;
    if (!METHODS.has(objective)) {
      items.push({
        name: `loss '${c.name}'`,
        error: 0,
        tolerance: 0,
        skipped: `no method for the policy '${c.policy}'`,
      });
      continue;
    }
    items.push(...(await checkCase(device, engines, c, objective)));
  }
  for (const engine of engines.values()) engine.destroy();
  return items;
}

/** The smallest model around the real loss kernel at this case's sizes. */
async function engineFor(
  device: GPUDevice,
  engines: Map<string, Engine>,
  N: number,
  V: number,
): Promise<Engine> {
  const key = `${N} ${V}`;
  const sizes = { rows: Math.ceil(N / 8) * 8, sequences: 8, response: 1, positions: 2, splits: 1 };
  const config = {
    n_layer: 1,
    n_embd: 4,
    n_head: 1,
    d_ff: 4,
    vocab_size: V,
    rope_theta: 1e4,
    rms_eps: 1e-5,
  };
  const engine = engines.get(key) ?? (await Engine.create(device, config, 0, sizes));
  engines.set(key, engine);
  return engine;
}

async function checkCase(
  device: GPUDevice,
  engines: Map<string, Engine>,
  c: LossCase,
  objective: string,
): Promise<Item[]> {
  const T = (c.tokens[0] as number[]).length;
  const N = c.tokens.length * T;
  const V = ((c.logits[0] as number[][])[0] as number[]).length;
  const engine = await engineFor(device, engines, N, V);
  const { VP } = engine.layout;
  const ids = [objective];
  if (c.entropy !== 'none') ids.push(c.entropy === 'naive' ? 'entropy_bonus' : 'ib_entropy');
  if (c.kl !== 'none') ids.push('kl_penalty');
  const loss = await lossOf(engine, ids, {
    'ppo_clip.eps_low': c.clip.low,
    'ppo_clip.eps_high': c.clip.high,
    'ppo_clip.dual': c.clip.dual,
    'entropy_bonus.alpha': c.alpha,
    'ib_entropy.alpha': c.alpha,
    'kl_penalty.beta': c.beta,
    'kl_penalty.estimator': ESTIMATORS.indexOf(c.kl),
  });
  const lengths = c.mask.map((row) => row.reduce((a, b) => a + b, 0));
  const weights = tokenWeights(c.agg.replaceAll('-', '_') as AggregateId, lengths, T);
  const facts = new Float32Array(4 * N);
  c.mask.forEach((row, i) => {
    row.forEach((mask, t) => {
      const at = (table: number[][]): number => (table[i] as number[])[t] as number;
      facts.set(
        [mask * (weights[i] as number), at(c.advantages), at(c.old_logp), at(c.ref_logp)],
        4 * (i * T + t),
      );
    });
  });
  const padded = new Float32Array(N * VP);
  c.logits.flat().forEach((row, n) => {
    padded.set(row, n * VP);
  });
  uploadBatch(
    engine,
    { N, rows: new Uint32Array(4 * N), actions: Uint32Array.from(c.tokens.flat()), facts },
    false,
    1,
  );
  device.queue.writeBuffer(engine.workspace.buffer('logits'), 0, padded);
  const encoder = device.createCommandEncoder();
  engine.pass(encoder, [loss.launch, loss.sum], N);
  device.queue.submit([encoder.finish()]);
  const gradient = new Float32Array(
    await readBuffer(device, engine.workspace.buffer('logits'), 4 * N * VP),
  );
  const stats = new Float32Array(
    await readBuffer(device, engine.workspace.buffer('stats'), 32 * N),
  );
  const sums = new Float32Array(await readBuffer(device, engine.workspace.buffer('sums'), 32));
  // Logp and entropy are masked in the file, and rows without weight report 0.
  const column = (k: number): number[] =>
    Array.from({ length: N }, (_, n) => stats[8 * n + k] as number);
  const d_logits = Array.from({ length: N }, (_, n) => [
    ...gradient.subarray(n * VP, n * VP + V),
  ]).flat();
  const mask = c.mask.flat();
  const masked = (table: number[][]): number[] =>
    table.flat().map((x, n) => x * (mask[n] as number));
  const name = `loss '${c.name}'`;
  const items: Item[] = [
    {
      name: `${name}: loss`,
      error: Math.abs((sums[0] as number) / c.expect.loss - 1),
      tolerance: 1e-4,
    },
    {
      name: `${name}: log-probabilities`,
      error: worstRelative(column(1), masked(c.expect.logp)),
      tolerance: 1e-4,
    },
    {
      name: `${name}: entropies`,
      error: worstRelative(column(2), masked(c.expect.entropy)),
      tolerance: 1e-4,
    },
    {
      name: `${name}: d_logits`,
      error: worstRelative(d_logits, c.expect.dlogits.flat(2)),
      tolerance: 1e-4,
    },
  ];
  if (c.expect.pg_clipfrac !== null) {
    const fraction = (sums[3] as number) / (sums[6] as number);
    items.push({
      name: `${name}: clipped share`,
      error: Math.abs(fraction - c.expect.pg_clipfrac),
      tolerance: 1e-6,
    });
  }
  return items;
}

interface AdvantageFile {
  group: number[];
  score: number[];
  mask: number[][];
  advantages: Record<string, number[][]>;
}

/** Estimators that this version has as methods: golden's name → method and settings. */
const ESTIMATOR_METHODS: Record<string, { id: string; values: Record<string, number> }> = {
  grpo: { id: 'grpo', values: { 'grpo.eps': 1e-6, 'grpo.scale_by_std': 1 } },
  dr_grpo: { id: 'grpo', values: { 'grpo.eps': 1e-6, 'grpo.scale_by_std': 0 } },
};

export function checkAdvantages(file: string): Item[] {
  const golden = JSON.parse(readFileSync(file, 'utf8')) as AdvantageFile;
  return Object.entries(golden.advantages).map(([name, expected]) => {
    const known = ESTIMATOR_METHODS[name];
    const method = known && METHODS.get(known.id);
    if (method?.stage !== 'advantage') {
      return {
        name: `advantages ${name}`,
        error: 0,
        tolerance: 0,
        skipped: 'no method for this estimator',
      };
    }
    // The file's groups may have any size; each goes through the method on its own.
    const values = new Float64Array(golden.score.length);
    for (const group of new Set(golden.group)) {
      const members = golden.group.flatMap((g, i) => (g === group ? [i] : []));
      const rewards = members.map((i) => golden.score[i] as number);
      const advantages = method.advantages(rewards, members.length, known?.values ?? {});
      members.forEach((i, k) => {
        values[i] = advantages[k] as number;
      });
    }
    const spread = golden.mask.flatMap((row, i) => row.map((m) => m * (values[i] as number)));
    return {
      name: `advantages ${name}`,
      error: worstRelative(spread, expected.flat()),
      tolerance: 1e-4,
    };
  });
}
