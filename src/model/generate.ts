/** Samples whole responses on the GPU: prefill of the prompts, then token after token in short pieces, one read-back. */
import type { StandingScale } from '../core/entropy_standing.ts';
import type { LatentSampling } from '../core/latent.ts';
import { record } from '../gpu/launch.ts';
import { packBatch } from './batch.ts';
import type { Engine, Policy } from './engine.ts';
import { checkRows, uploadBatch } from './update.ts';

/** Tokens after which the sequences that go on move together: then a token costs what those that are left cost. */
const COMPACT_EVERY = 4;

export interface RolloutRequest {
  /** Token ids of each prompt, at least one. */
  prompts: readonly ArrayLike<number>[];
  /** Responses per prompt; response i·G + g answers prompt i. */
  groupSize: number;
  /** 0: greedy */
  temperature: number;
  /** Draws a token at temperature · (1 + spread · standing of its row's entropy); records stay at `temperature`. Latent positions draw none. */
  warmth?: Warmth;
  /** Counter of the random numbers, with sequence and position (core/random.ts). */
  seed: number;
  stream: number;
  step: number;
  /** Number of the first sequence in the counter, where one batch is sampled in several calls. */
  firstSequence?: number;
  /** Responses begin with latent positions. */
  latent?: LatentSampling;
}

/** How much warmer uncertain tokens are drawn than certain ones (arXiv 2509.16591). */
export interface Warmth extends StandingScale {
  /** In [0, 1) */
  spread: number;
}

export interface Response {
  /** Up to and including EOS; R tokens where none came. A latent position counts as one: the likeliest, EOS where it ends. */
  tokens: Uint32Array;
  /**
   * [tokens] nats, of the taken token at the request's temperature. At a latent position, where none is taken, the mean of
   * log p under the mixture, Σ_k y_k log p_k: that of the token where the mixture is one token.
   */
  logp: Float32Array;
  /** [tokens] nats */
  entropy: Float32Array;
  /** [tokens] probability of EOS */
  p_eos: Float32Array;
  /** [V] each: what was mixed at the latent positions that the response begins with, where it has some. */
  mixtures?: Float32Array[];
}

/** @throws {RangeError} an empty prompt, or more sequences or rows than the buffers hold */
export async function rollout(
  engine: Engine,
  policy: Policy,
  request: RolloutRequest,
): Promise<Response[]> {
  const { device, uniforms, workspace } = engine;
  const { sequences: capacity, response: R } = workspace.sizes;
  const { prompts, groupSize, firstSequence = 0 } = request;
  const B = prompts.length * groupSize;
  if (B > capacity) throw new RangeError(`rollout: at most ${capacity} sequences, got ${B}`);
  const longest = Math.max(...prompts.map((p) => p.length)) + R;
  if (longest > workspace.sizes.positions) {
    throw new RangeError(
      `rollout: prompt and response must fit ${workspace.sizes.positions} positions, got ${longest}`,
    );
  }
  const empty = prompts.findIndex((prompt) => prompt.length === 0);
  if (empty >= 0) throw new RangeError(`rollout: a prompt must hold a token, got none at ${empty}`);
  const { latent } = request;
  const L = latent?.positions ?? 0;
  if (L > (workspace.sizes.latent ?? 0) || L > R) {
    const most = Math.min(workspace.sizes.latent ?? 0, R);
    throw new RangeError(`rollout: at most ${most} latent positions, got ${L}`);
  }
  // All but the last token of a prompt are prefilled; the last is the first input of decoding.
  const prefill = packBatch(
    prompts.map((prompt) => ({ prompt, response: [], weight: 0, advantage: 0, old_logp: [] })),
  );
  checkRows(engine, prefill);
  const sequences = new Uint32Array(4 * B);
  let first = 0;
  prompts.forEach((prompt, p) => {
    for (let g = 0; g < groupSize; g++) {
      const b = p * groupSize + g;
      sequences.set(
        [first, prompt.length - 1, prompt[prompt.length - 1] as number, firstSequence + b],
        4 * b,
      );
    }
    first += prompt.length - 1;
  });
  const head = new ArrayBuffer(48);
  new Uint32Array(head).set([B, R, request.seed, request.stream, request.step]);
  const { spread = 0, pivot = 0, above = 0, below = 0 } = request.warmth ?? {};
  new Float32Array(head).set([request.temperature, spread, pivot, above, below], 5);
  const V = engine.layout.config.vocab_size;
  const [mixturesAt, mixturesBytes] = [8 * B + 20 * B * R, 4 * B * L * V];
  const copyResults = (encoder: GPUCommandEncoder, slot: GPUBuffer): void => {
    const copy = (name: string, at: number, bytes: number): void =>
      encoder.copyBufferToBuffer(workspace.buffer(name), 0, slot, at, bytes);
    copy('state', 0, 8 * B);
    copy('tokens', 8 * B, 4 * B * R);
    copy('records', 8 * B + 4 * B * R, 16 * B * R);
    if (L > 0) copy('sampled_mixtures', mixturesAt, mixturesBytes);
  };
  // Everything that can be refused has been: from here on the slot is handed back by `read`.
  const slot = await engine.turns.take(async () => {
    const slot = await engine.rollouts.acquire();
    uploadBatch(engine, prefill, false, 1);
    device.queue.writeBuffer(uniforms.rollout, 0, head);
    device.queue.writeBuffer(workspace.buffer('sequences'), 0, sequences);
    if (latent && L > 0) {
      device.queue.writeBuffer(uniforms.mixing as GPUBuffer, 0, mixingUniform(latent));
    }
    submitPass(device, (pass) => {
      if (prefill.N > 0) record(pass, policy.passes.prefill, prefill.N);
      record(pass, policy.passes.decodeBegin, B);
    });
    await engine.pace.run(device.queue, { tokens: R, sequences: B }, (from, to) => {
      const finish = (encoder: GPUCommandEncoder): void => copyResults(encoder, slot);
      submitPass(
        device,
        (pass) => {
          for (let t = from; t < to; t++) recordToken(pass, policy, t, { B, R, L });
        },
        to === R ? finish : undefined,
      );
    });
    return slot;
  });

  const data = await engine.rollouts.read(slot, mixturesAt + mixturesBytes);
  const state = new Uint32Array(data, 0, 2 * B);
  const tokens = new Uint32Array(data, 8 * B, B * R);
  const records = new Float32Array(data, 8 * B + 4 * B * R, 4 * B * R);
  const mixtures = new Float32Array(data, mixturesAt, B * L * V);
  return Array.from({ length: B }, (_, b) => {
    const length = state[2 * b] as number;
    const column = (c: number): Float32Array =>
      Float32Array.from({ length }, (_, t) => records[4 * (b * R + t) + c] as number);
    return {
      tokens: tokens.slice(b * R, b * R + length),
      logp: column(0),
      entropy: column(1),
      p_eos: column(2),
      ...(L > 0 && {
        mixtures: Array.from({ length: Math.min(L, length) }, (_, t) =>
          mixtures.slice((b * L + t) * V, (b * L + t + 1) * V),
        ),
      }),
    };
  });
}

/** Token t of B sequences; every so often the sequences that go on move together after it. */
function recordToken(
  pass: GPUComputePassEncoder,
  { passes }: Policy,
  t: number,
  { B, R, L }: { B: number; R: number; L: number },
): void {
  record(pass, t < L && passes.latent ? passes.latent.decodeToken : passes.decodeToken, B);
  // Latent positions are written by sequence: until they are over, each stands in its own row.
  if (t >= L && t % COMPACT_EVERY === COMPACT_EVERY - 1 && t + 1 < R) {
    record(pass, passes.decodeCompact, B);
  }
}

/** One submission: a compute pass, and what comes `after` it. */
function submitPass(
  device: GPUDevice,
  fill: (pass: GPUComputePassEncoder) => void,
  after?: (encoder: GPUCommandEncoder) => void,
): void {
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  fill(pass);
  pass.end();
  after?.(encoder);
  device.queue.submit([encoder.finish()]);
}

/** `Latent` of sample_latent.wgsl. */
function mixingUniform({ positions, tau, top_k, top_p, noise }: LatentSampling): ArrayBuffer {
  const data = new ArrayBuffer(32);
  new Uint32Array(data).set([positions, top_k, Number(noise)]);
  new Float32Array(data).set([top_p, tau], 4);
  return data;
}
