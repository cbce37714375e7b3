/** The fused loss kernel, with the constants of its methods, against losses.json. */
import { readFileSync } from 'node:fs';
import { type AggregateId, tokenWeights } from '../core/aggregate.ts';
import type { Values } from '../core/param.ts';
import { tokenBatch } from '../core/token_batch.ts';
import { readBuffer } from '../gpu/readback.ts';
import { composeMethods } from '../methods/compose.ts';
import { METHODS } from '../methods/index.ts';
import type { Method } from '../methods/method.ts';
import type { PackedBatch } from '../model/batch.ts';
import { Engine } from '../model/engine.ts';
import { ROW } from '../model/rows.ts';
import { uploadBatch, uploadConstants } from '../model/update.ts';
import { type AggregateSettings, tokenConstants } from '../train/stages.ts';
import { type Item, sumError, worstRelative } from './goldens_items.ts';
import { lossOf } from './goldens_model.ts';

/** One case of losses.json, as verl computed it. */
export interface LossCase {
  name: string;
  policy: string;
  agg: string;
  clip: { low: number; high: number; dual: number };
  policy_params: Record<string, number>;
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
const OBJECTIVES: Record<string, string> = { vanilla: 'ppo_clip', geo_mean: 'gmpo' };
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
  const values = valuesOf(c, objective);
  const loss = await lossOf(engine, ids, values);
  const lengths = c.mask.map((row) => row.reduce((a, b) => a + b, 0));
  const aggregate = { mode: c.agg.replaceAll('-', '_') as AggregateId, maxResponse: T };
  const weights = tokenWeights(aggregate.mode, lengths, T);
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
  const batch: PackedBatch = {
    ...{ N, rows: new Uint32Array(ROW * N), actions: Uint32Array.from(c.tokens.flat()), facts },
  };
  uploadBatch(engine, batch, false, 1);
  device.queue.writeBuffer(engine.workspace.buffer('logits'), 0, padded);
  if (loss.columns > 0) {
    batch.constants = await constantsOf(engine, c, ids, aggregate, values, N);
    uploadConstants(engine, loss, batch);
  }
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
      error: sumError(sums[0] as number, c.expect.loss),
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

/** The settings of a golden case by our names. */
function valuesOf(c: LossCase, objective: string): Values {
  const p = c.policy_params;
  return {
    [`${objective}.eps_low`]: c.clip.low,
    [`${objective}.eps_high`]: c.clip.high,
    'ppo_clip.dual': c.clip.dual,
    'kl_cov.share': p.kl_cov_ratio ?? 0,
    'kl_cov.coefficient': p.ppo_kl_coef ?? 0,
    'clip_cov.share': p.clip_cov_ratio ?? 0,
    'clip_cov.lower_by': 1,
    'clip_cov.lower_quantile': 0,
    'clip_cov.lower': p.clip_cov_lb ?? 0,
    'clip_cov.upper': p.clip_cov_ub ?? 0,
    'entropy_bonus.alpha': c.alpha,
    'ib_entropy.alpha': c.alpha,
    'kl_penalty.beta': c.beta,
    'kl_penalty.estimator': ESTIMATORS.indexOf(c.kl),
  };
}

/** [N, K] of the case's methods, from log-probabilities and entropies that this GPU computes of its logits. */
async function constantsOf(
  engine: Engine,
  c: LossCase,
  ids: string[],
  aggregate: AggregateSettings,
  values: Values,
  N: number,
): Promise<Float32Array<ArrayBuffer>> {
  const { device, workspace } = engine;
  const encoder = device.createCommandEncoder();
  const policy = engine.createPolicy(new Float32Array(engine.layout.size));
  engine.pass(encoder, policy.passes.currentStats, N);
  device.queue.submit([encoder.finish()]);
  const stats = new Float32Array(await readBuffer(device, workspace.buffer('stats'), 32 * N));
  engine.destroyPolicy(policy);
  // Response tokens alone, in the order of the rows.
  const mask = c.mask.flat();
  const rows = mask.flatMap((m, n) => (m ? [n] : []));
  const pick = (table: ArrayLike<number>): Float32Array =>
    Float32Array.from(rows, (n) => table[n] as number);
  const column = (k: number): Float32Array =>
    Float32Array.from({ length: N }, (_, n) => stats[8 * n + k] as number);
  const lengths = c.mask.map((row) => row.reduce((a, b) => a + b, 0));
  const batch = tokenBatch(lengths, {
    advantage: pick(c.advantages.flat()),
    old_logp: pick(c.old_logp.flat()),
    old_entropy: pick(column(2)),
    logp: pick(column(1)),
    entropy: pick(column(2)),
  });
  const methods = ids.map((id) => METHODS.get(id) as Method);
  const composed = composeMethods(methods);
  const K = composed.columns.length;
  const compact = tokenConstants(methods, composed, batch, aggregate, values);
  const constants = new Float32Array(N * K);
  rows.forEach((n, i) => {
    constants.set(compact.subarray(i * K, (i + 1) * K), n * K);
  });
  return constants;
}
