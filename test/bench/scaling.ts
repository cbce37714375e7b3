/**
 * `--scaling`: how a training step's time grows with batch, length, width and depth, one varied at a time, and attention's
 * part of it, which alone should be quadratic in the length. On a software adapter the time is the processor's, which other
 * programs on the machine disturb less; elsewhere the clock's.
 */
import { deviceCpu } from '../../src/cli/device_cpu.ts';
import { sumOf } from '../../src/core/profile.ts';
import { quantile } from '../../src/core/statistics.ts';
import { openDevice } from '../../src/gpu/device.ts';
import { createStopwatch } from '../../src/gpu/timing.ts';
import { packBatch } from '../../src/model/batch.ts';
import { profileStep } from '../../src/model/profile.ts';
import { openOurs } from './ours.ts';
import { VOCABULARY, workloadOf } from './workload.ts';

/** From where one is varied at a time. */
const BASE = { sequences: 16, tokens: 32, channels: 64, layers: 2 };
type Sizes = typeof BASE;

/** What is varied, over which values, and what stays otherwise than in BASE so that a step is neither too short nor too long. */
export const AXES: { axis: keyof Sizes; values: number[]; rest?: Partial<Sizes> }[] = [
  { axis: 'sequences', values: [4, 8, 16, 32, 64] },
  { axis: 'tokens', values: [16, 32, 64, 128, 256, 512], rest: { sequences: 4 } },
  { axis: 'channels', values: [32, 64, 128, 192, 256], rest: { sequences: 8 } },
  { axis: 'layers', values: [1, 2, 4, 6, 8], rest: { sequences: 8 } },
];

const [ROUNDS, LEAST_MS] = [3, 300];

export interface Point {
  axis: keyof Sizes;
  value: number;
  /** Of a training step, median. */
  ms: number;
  /** Share of the attention kernels in it: alone by the same processor's time, or by the profile. */
  attention: number;
}

export interface Scaling {
  adapter: string;
  clock: 'processor' | 'wall';
  points: Point[];
}

export async function scaling(gpu: GPU, tell: (point: Point) => void): Promise<Scaling> {
  const opened = await openDevice(gpu);
  const { device, vendor, architecture, description, software } = opened;
  const isProcessor = software && Number.isFinite(deviceCpu());
  const now = isProcessor ? deviceCpu : () => performance.now();
  const stopwatch = await createStopwatch(device);
  const points: Point[] = [];
  for (const { axis, values, rest } of AXES) {
    for (const value of values) {
      const { sequences, tokens, channels, layers } = {
        ...{ ...BASE, ...rest },
        ...({ [axis]: value } as Partial<Sizes>),
      };
      const head = { n_layer: layers, n_embd: channels, n_head: channels / 16 };
      const tail = { vocab_size: VOCABULARY, rope_theta: 1e4, rms_eps: 1e-5 };
      const w = workloadOf({ ...head, d_ff: 3 * channels, ...tail }, { sequences, tokens });
      const { engine, policy, loss, step } = await openOurs(opened, w);
      const ms = await median(step, now);
      const batch = packBatch(
        w.sequences.map((s) => ({
          ...{ prompt: s.slice(0, 1), response: s.slice(1), weight: 1 / (sequences * tokens) },
          ...{ advantage: 1, old_logp: Array(tokens).fill(0) },
        })),
      );
      const isAttention = (kernel: string): boolean => kernel.startsWith('attention');
      const { forward, backward } = policy.passes;
      const own = [...forward, ...backward].filter(({ kernel }) => isAttention(kernel.label));
      const alone = async (): Promise<void> => {
        const encoder = device.createCommandEncoder();
        engine.pass(encoder, own, batch.N);
        device.queue.submit([encoder.finish()]);
        await device.queue.onSubmittedWorkDone();
      };
      const profiled = async (): Promise<number> => {
        const { kernels } = await profileStep(engine, { policy, loss }, batch, stopwatch);
        return sumOf(kernels.filter(({ kernel }) => isAttention(kernel))) / sumOf(kernels);
      };
      const attention = isProcessor ? (await median(alone, now)) / ms : await profiled();
      const point = { axis, value, ms, attention };
      engine.destroyPolicy(policy);
      engine.destroy();
      points.push(point);
      tell(point);
    }
  }
  device.destroy();
  const adapter = `${vendor} ${architecture} ${description}`.trim();
  return { adapter, clock: isProcessor ? 'processor' : 'wall', points };
}

/** ms of a step: of rounds of as many as take some tenths of a second, for processor time comes in hundredths. */
async function median(step: () => Promise<unknown>, now: () => number): Promise<number> {
  await step();
  const begun = now();
  await step();
  const count = Math.ceil(LEAST_MS / Math.max(10, now() - begun));
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const from = now();
    for (let i = 0; i < count; i++) await step();
    rounds.push((now() - from) / count);
  }
  return quantile(rounds, 0.5);
}

export interface Fit {
  axis: keyof Sizes;
  /** Slope of log time over log size by least squares, and between the two largest. */
  exponent: number;
  last: number;
  /** Likewise of the attention kernels alone, and of all others. */
  attention: number;
  attentionLast: number;
  others: number;
}

/** Slope of log y over log x by least squares. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const mean = (i: 0 | 1): number => logs.reduce((sum, p) => sum + p[i], 0) / logs.length;
  const [mx, my] = [mean(0), mean(1)];
  const over = logs.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0);
  return over / logs.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
}

export function fitsOf(points: readonly Point[]): Fit[] {
  return AXES.map(({ axis }) => {
    const own = points.filter((point) => point.axis === axis);
    const of = (y: (p: Point) => number, from = own): number =>
      slope(from.map((p) => [p.value, y(p)] as const));
    return {
      axis,
      exponent: of((p) => p.ms),
      last: of((p) => p.ms, own.slice(-2)),
      attention: of((p) => p.ms * p.attention),
      attentionLast: of((p) => p.ms * p.attention, own.slice(-2)),
      others: of((p) => p.ms * (1 - p.attention)),
    };
  });
}

/** For people, in Markdown. */
export function scalingText({ points }: Pick<Scaling, 'points'>): string {
  const lines = fitsOf(points).map((fit) => {
    const own = points.filter(({ axis }) => axis === fit.axis);
    const cells = [
      own.map(({ value }) => value).join(' '),
      own.map(({ ms }) => ms.toFixed(ms < 100 ? 1 : 0)).join(' '),
      own.map(({ attention }) => (100 * attention).toFixed(0)).join(' '),
      ...[fit.exponent, fit.last].map((x) => x.toFixed(2)),
      ...[fit.attention, fit.attentionLast, fit.others].map((x) => x.toFixed(2)),
    ];
    return `| ${fit.axis} | ${cells.join(' | ')} |`;
  });
  return [
    '| varied | values | ms a step | attention, % | exponent | last two | of attention | last two | of the others |',
    '|---|---|---|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}
