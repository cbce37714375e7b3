/**
 * Times the variants of sampling on an engine that has both, when it is made: a run never goes from one to the other. The
 * one that is faster is taken only where both draw the same tokens.
 */
import { isLosing } from '../gpu/device.ts';
import type { Launch } from '../gpu/launch.ts';
import { record } from '../gpu/launch.ts';
import { readBuffer } from '../gpu/readback.ts';
import { openPolicy } from './allocation.ts';
import type { Engine, Policy } from './engine.ts';
import { initialParameters } from './init.ts';
import { rolloutUniform } from './rollout_uniform.ts';
import type { Decoding, RolloutVariant } from './rollout_variants.ts';
import { tileKey } from './tile_choice.ts';

/** Of one dispatch. */
const DISPATCH_MS = 20;
const ROUNDS = 3;
/** A gain below this share is taken for noise. */
const LEAST_GAIN = 0.1;
/** Of sequences: a draw at the very edge of two tokens may fall to either, as sums run in another order. */
const LEAST_EQUAL = 0.98;
const DRAWING = { temperature: 1, seed: 0, stream: 0, step: 0 };

const settled = new WeakMap<GPUDevice, Map<string, Decoding>>();

/**
 * Adapters, models and sizes whose device was lost while they were timed: a dispatch that is too long for a driver would be
 * so again, and nothing could ever be opened.
 */
const fatal = new Set<string>();

/**
 * `mega`, or the faster variant: kept by device and sizes, so that every engine of a program samples alike. Where they
 * cannot be timed, the loop.
 * @throws {Error} the device was lost meanwhile
 */
export async function chooseDecoding(engine: Engine, isTimed: boolean): Promise<Decoding> {
  if (!isTimed) return { variant: 'mega' };
  const { device, layout, workspace } = engine;
  const known = settled.get(device) ?? new Map<string, Decoding>();
  settled.set(device, known);
  const key = JSON.stringify([layout.config, workspace.sizes]);
  const found = known.get(key) ?? (await tried(engine, `${tileKey(device)} ${key}`));
  known.set(key, found);
  return { ...found };
}

async function tried(engine: Engine, trial: string): Promise<Decoding> {
  const { device } = engine;
  if (fatal.has(trial))
    return {
      variant: 'loop',
      note: 'the GPU was lost while one dispatch for many tokens was tried',
    };
  let found: Decoding;
  try {
    found = await measure(engine);
    // A lost device may have answered at once.
    if (!(await isLosing(device, 0))) return found;
  } catch (error) {
    const why = error instanceof Error ? error.message || error.name : String(error);
    found = { variant: 'loop', note: `they could not be timed: ${why}` };
    if (!(await isLosing(device))) return found;
  }
  fatal.add(trial);
  throw new Error('rollout: the GPU was lost while ways to sample were timed; open it again');
}

async function measure(engine: Engine): Promise<Decoding> {
  const R = engine.workspace.sizes.response;
  // Random weights, far larger than a fresh model's: distributions that differ from place to place.
  const weights = initialParameters(engine.layout, 1).map((x) => (x === 1 ? 1 : 8 * x));
  const policy = await openPolicy(engine, weights);
  try {
    // The first dispatch may still compile.
    await timeRollout(engine, policy, 'mega', 1);
    const one = await timeRollout(engine, policy, 'mega', 1);
    const tokens = Math.max(1, Math.min(R, Math.floor(DISPATCH_MS / one)));
    const times = { loop: Number.POSITIVE_INFINITY, mega: Number.POSITIVE_INFINITY };
    // In turn, so that whatever else the machine does meets both alike; of each the round that was disturbed least.
    for (let round = 0; round <= ROUNDS; round++) {
      for (const variant of ['loop', 'mega'] as const) {
        const ms = await timeRollout(engine, policy, variant, tokens);
        if (round > 0) times[variant] = Math.min(times[variant], ms);
      }
    }
    if (!(times.mega < (1 - LEAST_GAIN) * times.loop)) return { variant: 'loop', times };
    const drawn = {
      loop: await drawnTokens(engine, policy, 'loop', tokens),
      mega: await drawnTokens(engine, policy, 'mega', tokens),
    };
    if (shareOfEqual(drawn.loop, drawn.mega) >= LEAST_EQUAL) return { variant: 'mega', times };
    return { variant: 'loop', times, note: 'here one dispatch draws other tokens than the loop' };
  } finally {
    engine.destroyPolicy(policy);
  }
}

/** [B] the first tokens of each sequence, as text. */
async function drawnTokens(
  engine: Engine,
  policy: Policy,
  variant: RolloutVariant,
  tokens: number,
): Promise<string[]> {
  const { device, workspace } = engine;
  const { sequences: B, response: R } = workspace.sizes;
  await timeRollout(engine, policy, variant, tokens);
  const ids = new Uint32Array(await readBuffer(device, workspace.buffer('tokens'), 4 * B * R));
  return Array.from({ length: B }, (_, b) => ids.slice(b * R, b * R + tokens).join(' '));
}

const shareOfEqual = (a: readonly string[], b: readonly string[]): number =>
  a.filter((text, i) => text === b[i]).length / a.length;

/** ms of the first tokens of all sequences, after the longest prompt. */
async function timeRollout(
  { device, workspace, uniforms }: Engine,
  { passes }: Policy,
  variant: RolloutVariant,
  tokens: number,
): Promise<number> {
  const { sequences: B, response: R, positions } = workspace.sizes;
  const sequences = Uint32Array.from({ length: 4 * B }, (_, i) =>
    i % 4 === 1 ? positions - R : i % 4 === 3 ? Math.floor(i / 4) : 0,
  );
  device.queue.writeBuffer(workspace.buffer('sequences'), 0, sequences);
  device.queue.writeBuffer(uniforms.rollout, 0, rolloutUniform(B, R, DRAWING, tokens));
  const launches: Launch[] = [...passes.decodeBegin];
  if (variant === 'mega') launches.push(...(passes.decodeMany as Launch[]));
  else for (let t = 0; t < tokens; t++) launches.push(...passes.decodeToken);
  await device.queue.onSubmittedWorkDone();
  const started = performance.now();
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  record(pass, launches, B);
  pass.end();
  device.queue.submit([encoder.finish()]);
  await device.queue.onSubmittedWorkDone();
  return performance.now() - started;
}
