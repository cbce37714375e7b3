/**
 * The engine checks itself where it runs: a small model with sizes that divide nothing, its logits, losses and gradients
 * on this adapter against the float64 twins of src/reference. The tests hold the same comparisons.
 */
import { STREAM, uniform } from '../core/random.ts';
import type { TrustCheck, TrustReport } from '../core/trust.ts';
import type { OpenedDevice } from '../gpu/device.ts';
import { record } from '../gpu/launch.ts';
import { readBuffer } from '../gpu/readback.ts';
import { composeMethods } from '../methods/compose.ts';
import { METHODS } from '../methods/index.ts';
import type { Method } from '../methods/method.ts';
import { packBatch, type TrainingSequence } from '../model/batch.ts';
import { Engine, type Policy } from '../model/engine.ts';
import { rollout } from '../model/generate.ts';
import { readTensor, writeTensor } from '../model/layout.ts';
import { chooseTile, type TileId } from '../model/tiles.ts';
import { forwardOf, update, uploadBatch } from '../model/update.ts';
import { sampleMixture } from '../reference/latent.ts';
import { type LossSettings, policyLoss } from '../reference/losses.ts';
import { backward, forward, type Params, randomParameters } from '../reference/transformer.ts';
import type { Session } from './session.ts';
import {
  CONFIG,
  packedOf,
  rowsOf,
  SIZES,
  sampleSequences,
  TWIN,
  withMixtures,
} from './trust_batch.ts';

const TEMPERATURE = 0.7;
const ALPHA = 0.5;
const CLIP = { eps_low: 0.2, eps_high: 0.28, dual_clip: 3 };
const VALUES: Record<string, number> = {
  'ppo_clip.eps_low': CLIP.eps_low,
  'ppo_clip.eps_high': CLIP.eps_high,
  'ppo_clip.dual': CLIP.dual_clip,
  'entropy_bonus.alpha': ALPHA,
  'ib_entropy.alpha': ALPHA,
};
const CASES: [name: string, methods: string[], settings: Partial<LossSettings>][] = [
  ['no regularizer', ['ppo_clip'], {}],
  ['naive entropy', ['ppo_clip', 'entropy_bonus'], { entropy: 'naive', alpha: ALPHA }],
  ['IB', ['ppo_clip', 'ib_entropy'], { entropy: 'ib', alpha: ALPHA }],
];
/** The naive bonus: with IB's the loss of this batch is nearly 0, which no error can be measured against. */
const LATENT_CASES: typeof CASES = [
  ['latent positions', ['ppo_clip', 'entropy_bonus'], { entropy: 'naive', alpha: ALPHA }],
];
const LATENT = { positions: 3, tau: 0.5, top_k: 0, top_p: 1, noise: true };
/** f32 carries 6e-8 a number; some twenty kernels of sums of up to 40 terms pass it on. */
const TOLERANCE = 1e-5;
/** τ doubles errors of logits, and two logarithms of numbers near 1 lose three digits of the noise. */
const MIXTURE_TOLERANCE = 2e-4;

export async function trustReport(
  opened: OpenedDevice,
  session: Session | undefined,
): Promise<TrustReport> {
  const started = performance.now();
  const { device, vendor, architecture, description, software } = opened;
  const tile = session?.engine.workspace.sizes.tile ?? (await chooseTile(device));
  const checks = await runChecks(device, tile);
  return {
    ...{ vendor, architecture, description, software, checks },
    tile,
    features: [...device.features].sort(),
    limits: limitsOf(device),
    kernels: [...(session?.engine.kernels ?? [])].map(([name, { code }]) => ({
      name,
      lines: code.split('\n').length,
    })),
    losses: session?.losses() ?? [],
    seconds: (performance.now() - started) / 1000,
  };
}

/** @throws {Error} what the device refuses */
export async function runChecks(device: GPUDevice, tile?: TileId): Promise<TrustCheck[]> {
  let draws = 0;
  const random = (): number => uniform(7, STREAM.init, draws++);
  const engine = await Engine.create(device, CONFIG, 0, { ...SIZES, ...(tile && { tile }) });
  // As f32 holds them, so that both sides start from the same numbers.
  const params: Params = new Map(
    [...randomParameters(TWIN, random)].map(([name, x]) => [name, x.map(Math.fround)]),
  );
  const flat = new Float32Array(engine.layout.size);
  for (const spec of engine.layout.tensors)
    writeTensor(flat, spec, params.get(spec.name) as Float64Array);
  const policy = engine.createPolicy(flat);
  try {
    const checks: TrustCheck[] = [];
    const tokens = sampleSequences(random);
    for (const [where, sequences, cases] of [
      ['the whole model', tokens, CASES],
      ['the whole model, fed mixtures', withMixtures(tokens, random), LATENT_CASES],
    ] as const) {
      const exact = forward(TWIN, params, packedOf(sequences));
      const actual = await logits(engine, policy, sequences);
      checks.push(check(`logits of ${where}`, actual, exact.logits));
      for (const [name, ids, settings] of cases) {
        const twin = policyLoss(
          { V: TWIN.vocab, logits: exact.logits, ...rowsOf(sequences) },
          { ...CLIP, ...settings, temperature: TEMPERATURE },
        );
        const grads = backward(TWIN, params, packedOf(sequences), exact, twin.d_logits);
        checks.push(...(await checkUpdate({ engine, policy, sequences, name, ids, twin, grads })));
      }
    }
    checks.push(await checkMixtures(engine, policy, params));
    return checks;
  } finally {
    engine.destroyPolicy(policy);
    engine.destroy();
  }
}

/** Mixtures as the sampler draws them, its random numbers included: the twin is fed the ones before. */
async function checkMixtures(engine: Engine, policy: Policy, params: Params): Promise<TrustCheck> {
  const counter = [7, STREAM.sample, 1] as const;
  const [seed, stream, step] = counter;
  const prompts = [[1, 2, 3], [4], [5, 6], [7, 8, 9, 10]];
  const request = { prompts, groupSize: 2, temperature: TEMPERATURE, seed, stream, step };
  const responses = await rollout(engine, policy, { ...request, latent: LATENT });
  const actual: number[] = [];
  const exact: number[] = [];
  responses.forEach(({ tokens, mixtures = [] }, b) => {
    const prompt = prompts[b >> 1] as number[];
    const { logits } = forward(TWIN, params, packedOf([{ prompt, response: tokens, mixtures }]));
    mixtures.forEach((y, t) => {
      const row = prompt.length - 1 + t;
      const own = logits.subarray(row * TWIN.vocab, (row + 1) * TWIN.vocab);
      actual.push(...y);
      exact.push(
        ...sampleMixture(own, { ...LATENT, temperature: TEMPERATURE }, [...counter, b, t]),
      );
    });
  });
  return check('mixtures as they are sampled', actual, exact, MIXTURE_TOLERANCE);
}

interface UpdateCase {
  engine: Engine;
  policy: Policy;
  sequences: readonly TrainingSequence[];
  name: string;
  /** Method ids. */
  ids: readonly string[];
  twin: { loss: number; d_logits: Float64Array };
  grads: Params;
}

/** Loss, gradient in the logits and gradient in every parameter of one update, without the optimizer. */
async function checkUpdate(given: UpdateCase): Promise<TrustCheck[]> {
  const { engine, policy, sequences, name, ids, twin, grads } = given;
  const composed = composeMethods(ids.map((id) => METHODS.get(id) as Method));
  const loss = await engine.createLoss(composed);
  engine.setValues(
    loss,
    composed.fields.map((field) => VALUES[field] as number),
  );
  const adam = { learning_rate: 0, beta1: 0, beta2: 0, eps: 1, weight_decay: 0, max_grad_norm: 1 };
  const result = await update(engine, policy, loss, {
    ...{ parts: [packBatch(sequences)], temperature: TEMPERATURE },
    ...{ adam, updateNumber: 1, gradientOnly: true },
  });
  const bytes = 4 * engine.layout.size;
  const flat = new Float32Array(
    await readBuffer(engine.device, engine.workspace.buffer('grad'), bytes),
  );
  const { tensors } = engine.layout;
  const actual = tensors.flatMap((spec) => [...readTensor(flat, spec)]);
  const exact = tensors.flatMap((spec) => [...(grads.get(spec.name) as Float64Array)]);
  return [
    check(`loss, ${name}`, [result.loss], [twin.loss]),
    check(`gradient in the logits, ${name}`, await readLogits(engine, sequences), twin.d_logits),
    check(`gradient in every parameter, ${name}`, actual, exact),
  ];
}

async function logits(
  engine: Engine,
  policy: Policy,
  sequences: readonly TrainingSequence[],
): Promise<number[]> {
  const batch = packBatch(sequences);
  uploadBatch(engine, batch, false, 1);
  const encoder = engine.device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  record(pass, forwardOf(policy, batch), batch.N);
  pass.end();
  engine.device.queue.submit([encoder.finish()]);
  return readLogits(engine, sequences);
}

/** [N, V] of what stands in the buffer, its padding left out. */
async function readLogits(
  engine: Engine,
  sequences: readonly TrainingSequence[],
): Promise<number[]> {
  const { N } = packBatch(sequences);
  const { VP, config } = engine.layout;
  const bytes = await readBuffer(engine.device, engine.workspace.buffer('logits'), 4 * N * VP);
  return [...new Float32Array(bytes)].filter((_, i) => i % VP < config.vocab_size);
}

/** The largest difference, relative to the norm of what is right: single elements may cancel to nearly nothing. */
function check(
  name: string,
  actual: ArrayLike<number>,
  exact: ArrayLike<number>,
  tolerance = TOLERANCE,
): TrustCheck {
  let difference = 0;
  let size = 0;
  for (let i = 0; i < exact.length; i++) {
    difference += ((actual[i] as number) - (exact[i] as number)) ** 2;
    size += (exact[i] as number) ** 2;
  }
  return {
    ...{ name, tolerance, count: exact.length },
    error: actual.length === exact.length ? Math.sqrt(difference / size) : Number.NaN,
    measure: 'norm of the difference over the norm in float64',
  };
}

function limitsOf(device: GPUDevice): [string, number][] {
  const names: string[] = [];
  // The names are getters of the prototype.
  for (const name in device.limits) names.push(name);
  return names
    .map((name): [string, number] => [
      name,
      device.limits[name as keyof GPUSupportedLimits] as number,
    ])
    .filter(([, value]) => typeof value === 'number')
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
