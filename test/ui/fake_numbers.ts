/** Invented numbers of the scripted engine, shaped like those of the default preset. */
import type { Experiment, RunId } from '../../src/core/experiment.ts';
import type { GainProfile } from '../../src/core/gain_profile.ts';
import type { KernelTime, ProfileReport } from '../../src/core/profile.ts';
import { Random } from '../../src/core/random.ts';
import { METRIC_INDEX, METRICS, type MetricId } from '../../src/metrics/index.ts';
import { TASKS } from '../../src/tasks/index.ts';
import type { Event, ResponseSample } from '../../src/worker/protocol.ts';

const isNaive = (run: RunId) => run.arm.startsWith('naive');

export function accuracy(run: RunId, step: number): number {
  const rise = 0.145 + 0.8 / (1 + Math.exp(-(step - 40 - 2 * run.seed) / 9));
  return isNaive(run) ? 0.145 * Math.exp(-step / 9) : rise - (run.arm === 'ib' ? 0.02 : 0);
}

export function row(run: RunId, step: number, isEval: boolean): number[] {
  const random = new Random(run.seed, run.arm.length, step);
  const noise = (size: number) => size * (random.next() - 0.5);
  const right = Math.max(0, accuracy(run, step) + noise(0.06));
  const entropy = isNaive(run)
    ? 2.45 - 1.95 * Math.exp(-step / (12 + run.seed))
    : 0.02 + 0.48 * Math.exp(-step / (18 + run.seed));
  const length = isNaive(run)
    ? 10 + 26 * Math.exp(-(((step - 38) / (14 + run.seed)) ** 2)) - 3 * Math.exp(-step / 6)
    : 22 - 8.7 * Math.exp(-step / (24 + 2 * run.seed));
  const values: Partial<Record<MetricId, number>> = {
    entropy: entropy + noise(0.04),
    response_length: length + noise(1.2),
    accuracy: right,
    reward: right,
    p_eos: isNaive(run) ? 0.09 * (1 - Math.exp(-step / 20)) : 0.004 * Math.exp(-step / 10),
    premature_end: isNaive(run) ? 0.97 * (1 - Math.exp(-step / 15)) : 0.03 * Math.exp(-step / 8),
    grad_norm: 0.4 + 0.3 * Math.exp(-step / 20) + noise(0.1),
    clip_fraction: 0,
    tokens_per_second: 42000 + noise(3000),
  };
  if (step === 0)
    for (const metric of METRICS) if (metric.when === 'step') delete values[metric.id];
  if (isEval) {
    values.eval_accuracy = right;
    values.eval_pass_at_8 = Math.min(1, right * 1.4);
    values.kl_base = 0.4 * (1 - Math.exp(-step / 30)) * (isNaive(run) ? 3 : 1);
  }
  const result = new Array<number>(METRICS.length).fill(Number.NaN);
  for (const [id, value] of Object.entries(values)) result[METRIC_INDEX[id as MetricId]] = value;
  return result;
}

export function responses(experiment: Experiment, run: RunId, step: number): Event {
  const task = taskOf(experiment);
  const problem = task.generate(new Random(run.seed, step), experiment.values);
  const random = new Random(run.seed, step, run.arm.length);
  const samples = Array.from(
    { length: experiment.values['trainer.group_size'] },
    (): ResponseSample => {
      const tokens = task.demonstrate(problem, random, experiment.values, 'mixed');
      const { reward, correct, reason } = task.verify(problem, tokens);
      const level = isNaive(run) ? 0.9 : 0.1;
      const entropy = tokens.map(() =>
        Math.min(2.7, 2.7 * random.next() ** (isNaive(run) ? 0.3 : 5)),
      );
      return {
        ...{ tokens, entropy, reward, correct, reason },
        logp: tokens.map(() => -level * random.next()),
        p_eos: tokens.map(() => 0.1 * random.next()),
        advantage: reward - 0.4,
      };
    },
  );
  return {
    ...{ type: 'responses', arm: run.arm, seed: run.seed, step, samples },
    prompt: task.prompt(problem),
    answer: task.solve(problem),
  };
}

/** The base's answer as context, and a distribution that narrows as training goes on. */
export function probes(
  experiment: Experiment,
  run: RunId,
  step: number,
): Extract<Event, { type: 'probes' }> {
  const task = taskOf(experiment);
  const V = task.vocabulary.length;
  const samples = [0, 1, 2].map((index) => {
    const problem = task.generate(new Random(7, index), experiment.values);
    const random = new Random(run.seed, index);
    const context = task.demonstrate(problem, random, experiment.values, 'mixed');
    const top = isNaive(run) ? 1 / V : 1 - 0.8 * Math.exp(-step / 20);
    const probabilities = new Float32Array(context.length * V).fill((1 - top) / (V - 1));
    context.forEach((token, t) => {
      probabilities[t * V + token] = top;
    });
    const { correct, reason } = task.verify(problem, context);
    return {
      ...{ prompt: task.prompt(problem), answer: task.solve(problem), context, probabilities },
      ...{ tokens: context, correct, reason },
      logp: context.map(() => Math.log(top)),
      entropy: context.map(() => 1 - top),
      p_eos: context.map(() => 0.01),
    };
  });
  return { type: 'probes', ...run, step, samples };
}

/** What tokens tell: partial results more and more, above all at the end of the reasoning. */
export function gains(run: RunId, step: number): GainProfile {
  const told = (1.5 + 0.1 * run.seed) * (1 - Math.exp(-(step + 4) / 20));
  const means = (scale: number) => ({
    kinds: [
      { kind: 'operand', mean: 0.01 * scale, tokens: 300 },
      { kind: 'sign', mean: -0.02 * scale, tokens: 280 },
      { kind: 'partial result', mean: 0.4 * told * scale, tokens: 140 },
    ],
    parts: Array.from({ length: 10 }, (_, i) => told * scale * (i / 9) ** 3),
  });
  return { responses: 192, gains: { entropy: means(1), logp: means(1.4) } };
}

function taskOf(experiment: Experiment) {
  const task = TASKS.get(experiment.task);
  if (!task) throw new Error(`no task ${experiment.task}`);
  return task;
}

export function profileReport(software: boolean): ProfileReport {
  const kernel = (name: string, ms: number, flops?: number): KernelTime => ({
    ...{ kernel: name, dispatches: 2, ms, bytes: 4e6 },
    ...(flops && { flops, variant: 'alone' as const }),
  });
  return {
    adapter: software ? 'SwiftShader' : 'Scripted engine',
    ...{ software, model: 'nano (2 layers, 64 channels), scripted', step_ms: 11.9 },
    ...{ batch: { sequences: 128, rows: 2432 }, how: software ? 'waits' : 'timestamps' },
    fallbacks: software ? ['timestamp-query: times are told by waiting for each kernel'] : [],
    kernels: [
      ...[kernel('gate_up', 5.25, 1e8), kernel('attention', 4.1, 3e7), kernel('norm', 1.02)],
      { kernel: 'new_kernel', dispatches: 1, ms: 0.5 },
      kernel('grad_norm', Number.NaN),
    ],
    ceiling: { gflops: 30, gbps: 12.5 },
    memory: { promised: 41e6, held: 41.3e6 },
  };
}
