/**
 * A scripted engine that keeps the order of the protocol, for tests of the page and for looking at it without a GPU.
 * Its numbers are invented. It stands in test/ and cannot reach the product.
 */
import { type Experiment, type RunId, runsOf } from '../../src/core/experiment.ts';
import type { KernelsUsed, TileChoice, TileId } from '../../src/core/tile_choice.ts';
import type { Checkpoint, Command, Event, SessionState } from '../../src/worker/protocol.ts';
import { accuracy, gains, probes, profileReport, responses, row } from './fake_numbers.ts';

export interface FakeOptions {
  /** How long preparing takes; as long as a step when undefined. */
  prepareMs?: number;
  /** Between two steps of all runs; between the steps of two runs where they take turns. */
  stepMs: number;
  inTurn: boolean;
  /** Steps up to this one come at once, so that a page with long curves need not be waited for. */
  instantUntil: number;
  software: boolean;
  /** Kernels in quads can run. */
  quads: boolean;
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
  private used: KernelsUsed = {};
  /** Whose step is next, where runs take turns. */
  private turn = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly failed = new Set<string>();
  private areGainsAsked = false;

  constructor(port: FakePort, options: Partial<FakeOptions> = {}) {
    this.port = port;
    this.options = {
      stepMs: 5,
      inTurn: false,
      instantUntil: 0,
      software: false,
      quads: true,
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
        this.tell({ type: 'tiles', choice: tiles(command.tiles?.forced) });
        this.tell({ type: 'adapter', adapter: adapter(this.options.software) });
        break;
      case 'open':
        this.open(command.experiment, command.resume ?? command.kernels, command.resume);
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
        do this.step();
        while (this.turn !== 0);
        this.become('paused');
        break;
      case 'reset':
        clearTimeout(this.timer);
        this.steps = 0;
        this.turn = 0;
        this.failed.clear();
        this.become('ready');
        break;
      case 'values':
        break;
      case 'checkpoint':
        this.tell({ type: 'checkpoint', checkpoint: this.checkpoint() });
        break;
      case 'export_weights':
        this.tell({
          ...{ type: 'weights', arm: command.arm, seed: command.seed },
          message: 'the scripted engine has no weights',
        });
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
      case 'gains':
        this.areGainsAsked = command.isAsked;
        break;
      case 'measure_tiles':
        this.tell({ type: 'tiles', choice: { ...tiles(), measured: Date.now() } });
        break;
      case 'measure':
      case 'pairs':
        break;
      case 'trust':
        this.tell({ type: 'trust', message: 'the scripted engine has no kernels' });
        break;
      case 'profile':
        this.tell({ type: 'profile', report: profileReport(this.options.software) });
        break;
      default:
        command satisfies never;
    }
  }

  private open(experiment: Experiment, had?: KernelsUsed, resume?: Checkpoint): void {
    clearTimeout(this.timer);
    this.experiment = experiment;
    this.steps = resume?.runs[0]?.step ?? 0;
    this.turn = 0;
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
      // Where there are no quads there is no sampling in one dispatch either.
      const { tile = 'quad', sampling = 'mega' } = had ?? {};
      this.used = this.options.quads ? { tile, sampling } : { tile: 'alone', sampling: 'loop' };
      this.tell({ type: 'opened', runs, estimate, ...this.used });
      this.become(resume ? 'paused' : 'ready');
    }, this.options.prepareMs ?? this.options.stepMs);
  }

  private run(): void {
    const { stepMs, instantUntil } = this.options;
    this.timer = setTimeout(
      () => {
        if (!this.step()) return;
        const planned = this.experiment?.values['trainer.steps'] ?? 0;
        if (this.steps >= planned && this.turn === 0) this.become('finished');
        else this.run();
      },
      this.steps < instantUntil ? 0 : stepMs,
    );
  }

  /** One step of every run, or of the one whose turn it is; false when the session failed. */
  private step(): boolean {
    const experiment = this.experiment as Experiment;
    if (this.turn === 0) this.steps++;
    if (this.steps >= this.options.failAt) {
      this.options.failAt = Number.POSITIVE_INFINITY;
      const advice =
        'Another program may have used it up. Resume goes on from the last checkpoint.';
      this.tell({ type: 'failed', message: 'device: lost (unknown)', advice, recoverable: true });
      return false;
    }
    const runs = runsOf(experiment);
    const { inTurn } = this.options;
    const { turn } = this;
    this.turn = inTurn ? (turn + 1) % runs.length : 0;
    runs.forEach((run, index) => {
      if (inTurn && index !== turn) return;
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
      this.tell({
        ...probes(experiment, run, step),
        ...(this.areGainsAsked && { gains: gains(run, step) }),
      });
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
    return { experiment, runs, base: empty(), ...this.used };
  }
}

function tiles(forced?: TileId): TileChoice {
  const head = { key: 'scripted', usual: 'alone' } as const;
  if (forced) return { ...head, tile: forced, how: 'forced' };
  const times = { alone: 3.9, quad: 1.8 };
  const measured = Date.now() - 2.1 * 86_400_000;
  return { ...head, tile: 'quad', how: 'measured', times, measured };
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
