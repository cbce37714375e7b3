/**
 * What is timed: each case prepares the same work for us and for jax-js, shows that both compute the same, and only then
 * hands out what to time. A case that a peer cannot run says why.
 */
import { Random } from '../../src/core/random.ts';
import type { Response } from '../../src/model/generate.ts';
import type { RolloutVariant } from '../../src/model/rollout_variants.ts';
import { chooseTile } from '../../src/model/tiles.ts';
import type { Work } from './measure.ts';
import { type Opened, openOurs } from './ours.ts';
import { ourAdamW, ourLoss, ourMatmul } from './ours_ops.ts';
import { type Shape, type Workload, workload } from './workload.ts';

export interface Prepared {
  ours: Work;
  /** Absent where jax-js cannot do it. */
  peer?: Work;
  /** Largest difference between our result and the peer's that was accepted. */
  difference?: number;
  /** Tokens, FLOPs or elements of one run, where that says something. */
  size?: Record<string, number>;
  release?(): void;
}

export type PeerId = 'jax-js' | 'tfjs';

export interface Case {
  id: string;
  /** Why there is no peer. */
  alone?: string;
  /** Not run unless asked for by name: it takes minutes on a software adapter. */
  long?: boolean;
  /** A peer that was not written for this case is left out. */
  prepare(opened: Opened, peer?: PeerId): Promise<Prepared>;
}

/** @throws {Error} the peer's result is another: then a time would compare nothing */
export function agree(
  what: string,
  ours: readonly number[],
  peer: readonly number[],
  most: number,
): number {
  const scale = Math.max(...peer.map(Math.abs), 1e-30);
  const off = Math.max(...ours.map((x, i) => Math.abs(x - (peer[i] as number)) / scale));
  if (!(off <= most)) {
    throw new Error(`${what}: ours must equal the peer's within ${most}, got ${ours} and ${peer}`);
  }
  return off;
}

async function trainingOf(opened: Opened, w: Workload, against?: PeerId): Promise<Prepared> {
  const ours = await openOurs(opened, w);
  const size = { tokens: w.shape.sequences * w.shape.tokens };
  const release = (): void => ours.engine.destroy();
  if (!against) return { ours: ours.step, size, release };
  const peer =
    against === 'tfjs'
      ? (await import('./peers/tf_training.ts')).tfTraining(w)
      : (await import('./peers/jax_training.ts')).jaxTraining(w);
  const losses: [number[], number[]] = [[], []];
  for (let i = 0; i < 3; i++) {
    losses[0].push(await ours.step());
    losses[1].push(await peer.step());
  }
  const difference = agree('loss of steps 1 to 3', ...losses, 1e-5);
  return { ours: ours.step, peer: peer.step, difference, size, release };
}

async function rolloutOf(opened: Opened, w: Workload, against?: PeerId): Promise<Prepared> {
  const ours = await openOurs(opened, w);
  const size = { tokens: w.shape.sequences * w.shape.tokens };
  const release = (): void => ours.engine.destroy();
  let step = 0;
  const work: Work = () => ours.sample(++step);
  if (against !== 'jax-js') return { ours: work, size, release };
  const [{ jaxRollout }, { paramsOf }] = [
    await import('./peers/jax_rollout.ts'),
    await import('./peers/jax_model.ts'),
  ];
  const peer = jaxRollout(w, paramsOf(w));
  const [mine, theirs] = [await ours.sample(0), await peer.sample(0)];
  const difference = otherResponses(
    mine.map(({ tokens }) => tokens),
    theirs,
  );
  return { ours: work, peer: () => peer.sample(++step), difference, size, release };
}

/** Share of responses that differ: after one draw at the edge of two tokens a response goes its own way. */
function otherResponses(
  mine: readonly ArrayLike<number>[],
  theirs: readonly ArrayLike<number>[],
): number {
  const other = mine.filter((tokens, b) =>
    Array.from(tokens).some((token, t) => token !== theirs[b]?.[t]),
  );
  const difference = other.length / mine.length;
  if (!(difference <= 0.05)) {
    throw new Error(`rollout: at most 5 % of the responses may differ, got ${difference}`);
  }
  return difference;
}

/** One dispatch for many tokens against one kernel after another, on the same engine: the peer is our own loop. */
async function variantsOf(opened: Opened, w: Workload): Promise<Prepared> {
  const { engine, sample } = await openOurs(opened, w, 'mega');
  const { decoding } = engine;
  if (decoding.variant !== 'mega') throw new Error(`rollout: needs mega, got ${decoding.note}`);
  const by = (variant: RolloutVariant, step: number): Promise<Response[]> => {
    engine.decoding = { ...decoding, variant };
    return sample(step);
  };
  const tokensOf = (of: Response[]) => of.map(({ tokens }) => tokens);
  const [mega, loop] = [await by('mega', 0), await by('loop', 0)];
  let step = 0;
  return {
    ours: () => by('mega', ++step),
    peer: () => by('loop', step),
    difference: otherResponses(tokensOf(mega), tokensOf(loop)),
    size: { tokens: w.shape.sequences * w.shape.tokens },
    release: () => engine.destroy(),
  };
}

async function wholeStepOf(opened: Opened, w: Workload, against?: PeerId): Promise<Prepared> {
  const [training, sampling] = [
    await trainingOf(opened, w, against),
    await rolloutOf(opened, w, against),
  ];
  const both = (a?: Work, b?: Work): Work | undefined =>
    a && b
      ? async () => {
          await b();
          await a();
        }
      : undefined;
  return {
    ours: both(training.ours, sampling.ours) as Work,
    peer: both(training.peer, sampling.peer),
    difference: training.difference,
    size: training.size,
    release() {
      training.release?.();
      sampling.release?.();
    },
  };
}

function random(length: number, scale = 1): Float32Array {
  const source = new Random(2, length);
  return Float32Array.from({ length }, () => scale * (2 * source.next() - 1));
}

const matmul = (kind: 'nn' | 'nt' | 'tn', M: number, K: number, N: number): Case => ({
  id: `matmul_${kind}_${M}x${K}x${N}`,
  async prepare({ device, software }, against) {
    const [a, b] = [random(M * K), random(K * N + 4).subarray(0, K * N)];
    const size = { gflop: (2 * M * K * N) / 1e9 };
    const tuning = { splits: software ? 2 : 16, tile: await chooseTile(device) };
    const ours = await ourMatmul(device, kind, a, b, [M, K, N], tuning);
    if (against !== 'jax-js') return { ours: ours.run, size };
    const { jaxMatmul } = await import('./peers/jax_ops.ts');
    const peer = jaxMatmul(kind, a, b, [M, K, N]);
    await ours.run();
    const [mine, theirs] = [await ours.read(M * N), await peer.read()];
    const every = Math.max(1, Math.floor(mine.length / 5000));
    const some = (list: Float32Array): number[] => [...list.filter((_, i) => i % every === 0)];
    const difference = agree('product', some(mine), some(theirs), 1e-4);
    return { ours: ours.run, peer: peer.run, difference, size };
  },
});

const loss = (N: number, V: number, rest: Partial<Case> = {}): Case => ({
  id: `loss_${N}x${V}`,
  ...rest,
  async prepare({ device }, against) {
    const logits = random(N * V, 3);
    const source = new Random(3);
    const actions = Uint32Array.from({ length: N }, () => source.integer(0, V - 1));
    const advantages = Float32Array.from({ length: N }, () => source.normal());
    const ours = await ourLoss(device, logits, actions, advantages);
    if (against !== 'jax-js') return { ours: ours.run };
    const { jaxLoss } = await import('./peers/jax_ops.ts');
    const peer = jaxLoss(logits, actions, advantages);
    const difference = agree('mean loss', [await ours.value()], [await peer.value()], 1e-5);
    return { ours: ours.run, peer: peer.run, difference };
  },
});

const adamw: Case = {
  id: 'adamw_26M',
  async prepare({ device }, against) {
    const P = 26_000_000;
    const [theta, gradient] = [random(P, 0.05), random(P, 1e-3)];
    const ours = await ourAdamW(device, theta, gradient);
    if (against !== 'jax-js') return { ours: ours.run };
    const { jaxAdamW } = await import('./peers/jax_ops.ts');
    const peer = jaxAdamW(theta, gradient);
    await ours.run();
    const first = agree('parameters', [...(await ours.read(64))], await peer.first(64), 1e-5);
    return { ours: ours.run, peer: peer.run, difference: first };
  },
};

/** Small enough for one core, the size papers compare, and a class's batch. */
const SHAPES: [string, Shape][] = [
  ['nano_32x32', { model: 'nano', sequences: 32, tokens: 32 }],
  ['nano_64x64', { model: 'nano', sequences: 64, tokens: 64 }],
  ['nano_class', { model: 'nano', sequences: 256, tokens: 24 }],
  ['micro_64x64', { model: 'micro', sequences: 64, tokens: 64 }],
];

const TOO_LARGE =
  'jax-js gave no result within 100 s: each of its dispatches handles 131 M elements';

export const CASES: readonly Case[] = [
  ...SHAPES.map(([name, shape]) => ({
    id: `training_${name}`,
    prepare: (opened: Opened, peer?: PeerId) => trainingOf(opened, workload(shape), peer),
  })),
  ...SHAPES.map(([name, shape]) => ({
    id: `rollout_${name}`,
    prepare: (opened: Opened, peer?: PeerId) => rolloutOf(opened, workload(shape), peer),
  })),
  ...SHAPES.map(([name, shape]) => ({
    id: `mega_${name}`,
    alone: 'against our own loop of kernels',
    long: true,
    prepare: (opened: Opened) => variantsOf(opened, workload(shape)),
  })),
  {
    id: 'rl_step_nano_32x32',
    prepare: (opened, peer) => wholeStepOf(opened, workload(SHAPES[0]?.[1] as Shape), peer),
  },
  loss(4096, 64),
  loss(4096, 32000, { alone: TOO_LARGE, long: true }),
  ...(['nn', 'nt', 'tn'] as const).map((kind) =>
    kind === 'tn' ? matmul(kind, 512, 4096, 128) : matmul(kind, 4096, 128, 512),
  ),
  ...(['nn', 'nt', 'tn'] as const).map((kind) => matmul(kind, 1024, 1024, 1024)),
  adamw,
];
