/**
 * A scripted engine that keeps the order of the protocol, for tests of the page and for looking at it without a GPU.
 * Its numbers are invented. It stands in test/ and cannot reach the product.
 */
import { type Experiment, type RunId, runsOf } from '../../src/core/experiment.ts';
import { Random } from '../../src/core/random.ts';
import { METRIC_INDEX, METRICS, type MetricId } from '../../src/metrics/index.ts';
import { TASKS } from '../../src/tasks/index.ts';
import type {
  Checkpoint,
  Command,
  Event,
  ResponseSample,
  SessionState,
} from '../../src/worker/protocol.ts';

export interface FakeOptions {
  stepMs: number;
  /** Steps up to this one come at once, so that a page with long curves need not be waited for. */
  instantUntil: number;
  software: boolean;
  /** The session fails at this step. */
  failAt: number;
  /** The first arm's first run fails at this step. */
  runFailsAt: number;
}

type FakePort = Pick<MessagePort, 'postMessage' | 'onmessage'>;

export class FakeWorker {
  /** What came in, for tests. */
  readonly commands: Command[] = [];
  private readonly port: FakePort;
  private readonly options: FakeOptions;
  private experiment: Experiment | undefined;
  private steps = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly failed = new Set<string>();

  constructor(port: FakePort, options: Partial<FakeOptions> = {}) {
    this.port = port;
    this.options = {
      stepMs: 5,
      instantUntil: 0,
      software: false,
      failAt: Number.POSITIVE_INFINITY,
      runFailsAt: Number.POSITIVE_INFINITY,
      ...options,
    };
    port.onmessage = (message: MessageEvent<Command>) => this.take(message.data);
  }

  private tell(event: Event): void {
    this.port.postMessage(event);
  }

  private become(state: SessionState): void {
    this.tell({ type: 'state', state });
  }

  private take(command: Command): void {
    this.commands.push(command);
    switch (command.type) {
      case 'probe':
        this.tell({ type: 'adapter', adapter: adapter(this.options.software) });
        break;
      case 'open':
        this.open(command.experiment, command.resume);
        break;
      case 'start':
        this.become('running');
        this.run();
        break;
      case 'pause':
        clearTimeout(this.timer);
        this.become('paused');
        break;
      case 'step':
        this.become('running');
        this.step();
        this.become('paused');
        break;
      case 'reset':
        clearTimeout(this.timer);
        this.steps = 0;
        this.failed.clear();
        this.become('ready');
        break;
      case 'values':
        break;
      case 'checkpoint':
        this.tell({ type: 'checkpoint', checkpoint: this.checkpoint() });
        break;
      case 'export_weights':
        this.tell({ type: 'weights', message: 'the scripted engine has no weights' });
        break;
      case 'inspect':
        this.tell({
          type: 'inspection',
          id: command.id,
          message: 'the scripted engine has no model',
        });
        break;
      case 'slow_step':
        this.tell({
          type: 'slow_step',
          id: command.id,
          message: 'the scripted engine has no model',
        });
        break;
      case 'trust':
        this.tell({ type: 'trust', message: 'the scripted engine has no kernels' });
        break;
      default:
        command satisfies never;
    }
  }

  private open(experiment: Experiment, resume?: Checkpoint): void {
    clearTimeout(this.timer);
    this.experiment = experiment;
    this.steps = resume?.runs[0]?.step ?? 0;
    this.failed.clear();
    this.become('preparing');
    if (experiment.model !== 'nano') {
      const message = `base: there is none for the model ${experiment.model}`;
      this.become('failed');
      this.tell({ type: 'failed', message, advice: 'Choose another model.', recoverable: true });
      return;
    }
    this.tell({ type: 'progress', phase: 'compiling kernels', done: 12, total: 24 });
    this.timer = setTimeout(() => {
      const runs = runsOf(experiment);
      const perStep = 0.02 * runs.length;
      const total = perStep * experiment.values['trainer.steps'];
      const estimate = {
        seconds_per_step: perStep,
        seconds_total: total,
        memory_bytes: 7.1e6 * runs.length,
      };
      this.tell({ type: 'opened', runs, estimate });
      this.become(resume ? 'paused' : 'ready');
    }, this.options.stepMs);
  }

  private run(): void {
    const { stepMs, instantUntil } = this.options;
    this.timer = setTimeout(
      () => {
        if (!this.step()) return;
        if (this.steps >= (this.experiment?.values['trainer.steps'] ?? 0)) this.become('finished');
        else this.run();
      },
      this.steps < instantUntil ? 0 : stepMs,
    );
  }

  /** One step of every run; false when the session failed. */
  private step(): boolean {
    const experiment = this.experiment as Experiment;
    this.steps++;
    if (this.steps >= this.options.failAt) {
      this.options.failAt = Number.POSITIVE_INFINITY;
      const advice =
        'Another program may have used it up. Resume goes on from the last checkpoint.';
      this.tell({ type: 'failed', message: 'device: lost (unknown)', advice, recoverable: true });
      return false;
    }
    runsOf(experiment).forEach((run, index) => {
      const key = `${run.arm}/${run.seed}`;
      if (this.failed.has(key)) return;
      if (index === 0 && this.steps >= this.options.runFailsAt) {
        this.failed.add(key);
        const message = 'loss: must be finite, got NaN; first bad tensor lm_head.weight.';
        this.tell({ type: 'run_failed', ...run, step: this.steps, message });
        return;
      }
      this.report(experiment, run);
    });
    return true;
  }

  private report(experiment: Experiment, run: RunId): void {
    const rows = this.steps === 1 ? [0, 1] : [this.steps];
    const every = experiment.values['trainer.eval_every'];
    const values = Float32Array.from(rows.flatMap((step) => row(run, step, step % every === 0)));
    this.tell({ type: 'points', ...run, firstStep: rows[0], values });
    for (const step of rows.filter((s) => s % every === 0)) {
      const pairs = [3, 4, 5, 6, 7, 8].map((k): [number, number] => [
        k,
        accuracy(run, step) ** (k / 5),
      ]);
      this.tell({ type: 'by_difficulty', ...run, step, pairs });
      this.tell(probes(experiment, run, step));
    }
    this.tell(responses(experiment, run, this.steps));
  }

  private checkpoint(): Checkpoint {
    const experiment = this.experiment as Experiment;
    const empty = () => new Float32Array(4);
    const runs = runsOf(experiment).map((run) => ({
      ...run,
      step: this.steps,
      updates: this.steps,
      parameters: empty(),
      m: empty(),
      v: empty(),
    }));
    return { experiment, runs, base: empty() };
  }
}

function adapter(software: boolean): Extract<Event, { type: 'adapter' }>['adapter'] {
  return {
    vendor: software ? 'google' : 'fake',
    architecture: software ? 'swiftshader' : 'scripted',
    description: software ? 'SwiftShader' : 'Scripted engine',
    software,
    gflops: software ? 1.7 : 2150,
    dispatch_us: software ? 30 : 5,
    maxBufferBytes: 2 ** 31,
    maxBindingBytes: 2 ** 30,
    proposal: software
      ? {
          model: 'nano',
          seeds: 1,
          values: { 'trainer.prompts': 8, 'trainer.group_size': 4, 'trainer.eval_prompts': 16 },
          why: 'A processor stands in for a graphics card here, so a full batch would take minutes a step; 8 prompts x 4 and one seed keep it to seconds.',
        }
      : { model: 'nano', seeds: 3, values: {}, why: 'This adapter runs the preset as it is.' },
  };
}

const isNaive = (run: RunId) => run.arm.startsWith('naive');

function accuracy(run: RunId, step: number): number {
  const rise = 0.145 + 0.8 / (1 + Math.exp(-(step - 40 - 2 * run.seed) / 9));
  return isNaive(run) ? 0.145 * Math.exp(-step / 9) : rise - (run.arm === 'ib' ? 0.02 : 0);
}

function row(run: RunId, step: number, isEval: boolean): number[] {
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

function responses(experiment: Experiment, run: RunId, step: number): Event {
  const task = TASKS.get(experiment.task);
  if (!task) throw new Error(`no task ${experiment.task}`);
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
function probes(experiment: Experiment, run: RunId, step: number): Event {
  const task = TASKS.get(experiment.task);
  if (!task) throw new Error(`no task ${experiment.task}`);
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
