/**
 * Times the kernels of a training step one by one, on a policy of its own, so that nothing is learned. The engine's shared
 * buffers are filled anew by every training pass: between two steps it leaves no trace.
 */
import type { KernelTime } from '../core/profile.ts';
import { type Launch, record } from '../gpu/launch.ts';
import { compare, type Stopwatch } from '../gpu/timing.ts';
import { openPolicy } from './allocation.ts';
import type { PackedBatch } from './batch.ts';
import { stepCosts, workOf } from './costs.ts';
import type { Engine, Loss, Policy } from './engine.ts';
import { uploadBatch, uploadCritic } from './update.ts';

const ROUNDS = 3;

export interface ProfiledStep {
  kernels: KernelTime[];
  /** Of the whole step in one pass. */
  step_ms: number;
}

/**
 * In a turn: a rollout under way is done first.
 * @param policy whose shape is profiled; its parameters are copied
 * @throws {Error} something else has used the engine meanwhile
 */
export function profileStep(
  engine: Engine,
  subject: { policy: Policy; loss: Loss },
  batch: PackedBatch,
  stopwatch: Stopwatch,
): Promise<ProfiledStep> {
  return engine.turns.take(() => timeStep(engine, subject, batch, stopwatch));
}

async function timeStep(
  engine: Engine,
  { policy, loss }: { policy: Policy; loss: Loss },
  batch: PackedBatch,
  stopwatch: Stopwatch,
): Promise<ProfiledStep> {
  const { device, uniforms } = engine;
  const { parameters } = await engine.readPolicy(policy);
  const copy = await openPolicy(engine, parameters, policy.layout.hasValue);
  try {
    uploadBatch(engine, batch, false, 1);
    if (copy.passes.value) uploadCritic(engine, batch, { coefficient: 0, clip: 1 });
    // A learning rate of 0 and a gradient of any size: however often it is repeated, the numbers stay what they are.
    device.queue.writeBuffer(uniforms.adam, 0, Float32Array.of(0, 0.9, 0.99, 1e-8, 0, 1, 1, 1));
    const mine = engine.generation;
    const { value, forward, backward } = copy.passes;
    const middle = [loss.launch, loss.sum, ...(value?.loss ?? [])];
    const launches = [...forward, ...middle, ...backward, ...copy.optimizer];
    const whole = (pass: GPUComputePassEncoder): void => record(pass, launches, batch.N);
    // The first fills the buffers.
    await stopwatch.time([whole]);
    const labels = [...new Set(launches.map(({ kernel }) => kernel.label))];
    const groups = labels.map((label): [string, Launch[]] => [
      label,
      launches.filter((l) => l.kernel.label === label),
    ]);
    const works = [launches, ...groups.map(([, own]) => own)];
    const repeated = (times: readonly number[]) =>
      works.map((own, i) => (pass: GPUComputePassEncoder): void => {
        for (let k = 0; k < (times[i] as number); k++) record(pass, own, batch.N);
      });
    const [whole_ms, ...each] = (
      await compare(works.length, (times) => stopwatch.time(repeated(times)), {
        rounds: ROUNDS,
        ms: Number.POSITIVE_INFINITY,
      })
    ).map((ms) => (Number.isFinite(ms) ? ms : Number.NaN));
    if (engine.generation !== mine)
      throw new Error('profile: the engine must have nothing else to do meanwhile; try again');
    const { splits, gates } = engine.workspace.sizes;
    const costs = stepCosts(copy.layout, splits, workOf(batch), gates);
    const kernels = groups.map(([label, own], i): KernelTime => {
      const cost = costs.get(label);
      const variant = variantOf(own[0] as Launch);
      return {
        kernel: label,
        ...(variant && { variant }),
        dispatches: own.length,
        ms: each[i] as number,
        ...(cost && { flops: own.length * cost.flops, bytes: own.length * cost.bytes }),
      };
    });
    kernels.sort((a, b) => (b.ms || 0) - (a.ms || 0));
    return { kernels, step_ms: whole_ms as number };
  } finally {
    engine.destroyPolicy(copy);
  }
}

/** By what it was compiled from: kernels that come in two ways ask which rows an invocation holds. */
function variantOf({ kernel }: Launch): KernelTime['variant'] {
  if (!/\bfn slots\(/.test(kernel.code)) return undefined;
  if (/\bleft_stage\b/.test(kernel.code)) return 'staged';
  return /\bquadSwap\w+\(/.test(kernel.code) ? 'quad' : 'alone';
}

/** What an adapter lacks that kernels could use, and what happens instead; also what it does not compile of an engine and a loss. */
export function fallbacksOf(
  device: GPUDevice,
  hasQuads: boolean,
  notes: readonly (string | undefined)[] = [],
): string[] {
  const found: string[] = [];
  if (!device.features.has('timestamp-query'))
    found.push('timestamp-query: times are told by waiting for each kernel');
  if (!device.features.has('subgroups'))
    found.push('subgroups: matrix and attention kernels have separate loads');
  else if (!hasQuads)
    found.push(
      'subgroups, whose quads do not lie along x: matrix and attention kernels have separate loads',
    );
  return [...found, ...notes.filter((note) => note !== undefined)];
}
