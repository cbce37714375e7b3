/**
 * An experiment on one device: its runs take turns step by step, so that curves grow together and the comparison is fair
 * at every moment. While one run's responses are judged on the CPU, the next run's are already being sampled.
 */
import { activeMethods } from '../core/catalog.ts';
import { type Arm, armValues, type Experiment, type RunId, runsOf } from '../core/experiment.ts';
import type { InspectedResponse, Inspection, ProbeSample } from '../core/inspection.ts';
import { modelConfig } from '../core/model_config.ts';
import type { Values } from '../core/param.ts';
import type { Checkpoint, ExportedFile, ResponseSample, RunCheckpoint } from '../core/report.ts';
import type { TrustLoss } from '../core/trust.ts';
import type { OpenedDevice } from '../gpu/device.ts';
import { composeMethods } from '../methods/compose.ts';
import { METHODS } from '../methods/index.ts';
import type { Method } from '../methods/method.ts';
import { METRIC_INDEX, METRICS } from '../metrics/index.ts';
import { Engine, type Policy } from '../model/engine.ts';
import { loadParameters } from '../model/safetensors.ts';
import { TASKS } from '../tasks/index.ts';
import type { Task } from '../tasks/task.ts';
import { huggingFaceFiles } from './export.ts';
import { Inspector } from './inspect.ts';
import { inspectedTerms, type TermsOwner } from './inspected_terms.ts';
import { addEvaluation } from './measure.ts';
import { Probes } from './probes.ts';
import { Run, type StepBatch } from './run.ts';
import { chooseSizes } from './sizes.ts';
import { warmStart } from './warm_start.ts';

/** What a session tells as it goes; the Worker passes it on, the command line writes it down. */
export interface SessionEvents {
  progress(phase: string, done: number, total: number, note?: string): void;
  /** Metrics of one step of one run, in the order of METRICS; step 0 is the evaluation of the base. */
  row(run: RunId, step: number, values: Float32Array): void;
  byDifficulty(run: RunId, step: number, pairs: [number, number][]): void;
  responses(
    run: RunId,
    step: number,
    prompt: number[],
    answer: string,
    samples: ResponseSample[],
  ): void;
  runFailed(run: RunId, step: number, message: string): void;
  /** Answers to the fixed prompts, at every evaluation; not sampled where nobody listens. */
  probes?(run: RunId, step: number, samples: ProbeSample[]): void;
}

export interface SessionOptions {
  experiment: Experiment;
  /** The shipped base as a safetensors file; asked for only where the experiment starts from it. */
  loadBase(task: string, model: string): Promise<ArrayBuffer>;
  resume?: Checkpoint;
  /** Stops preparing when it answers true. */
  cancelled?: () => boolean;
}

/** Responses shown per run and step: those to the step's first prompt, which all arms of a seed share. */
const SHOWN = 8;

export class Session {
  private isRunning = false;
  private lastTurn = 0;
  /** What was asked for while a turn is under way; served between turns. */
  private asked: (() => void)[] = [];
  private readonly inspector: Inspector;
  private readonly probes: Probes;

  private constructor(
    readonly experiment: Experiment,
    readonly engine: Engine,
    readonly task: Task,
    readonly runs: readonly Run[],
    private readonly base: Policy,
    readonly baseParameters: Float32Array,
    private readonly events: SessionEvents,
  ) {
    this.inspector = new Inspector(engine, base);
    this.probes = new Probes({ engine, task, base, inspector: this.inspector });
  }

  /**
   * Compiles, loads or trains the base, and prepares all runs at step 0 or at the checkpoint.
   * @throws {Error} a setting, a limit or a checkpoint that does not fit; nothing is left allocated
   */
  static async open(
    opened: OpenedDevice,
    options: SessionOptions,
    events: SessionEvents,
  ): Promise<Session> {
    const { experiment, resume } = options;
    const task = TASKS.get(experiment.task);
    if (!task)
      throw new RangeError(
        `task: must be one of ${[...TASKS.keys()].join(', ')}, got ${experiment.task}`,
      );
    const config = modelConfig(experiment.model, task.vocabulary.length);
    const sizes = chooseSizes(
      config,
      task,
      experiment.values,
      opened.device.limits,
      opened.software,
    );
    const engine = await Engine.create(opened.device, config, task.eos, sizes, (done, total) =>
      events.progress('compiling kernels', done, total),
    );
    try {
      if (resume && resume.base.length !== engine.layout.size) {
        throw new RangeError(
          `checkpoint: the base must hold ${engine.layout.size} values, got ${resume.base.length}`,
        );
      }
      const parameters = resume?.base ?? (await Session.prepareBase(engine, task, options, events));
      const base = engine.createPolicy(parameters);
      const runs: Run[] = [];
      for (const id of runsOf(experiment)) {
        runs.push(await Session.createRun(engine, task, experiment, id, base, parameters));
      }
      const session = new Session(experiment, engine, task, runs, base, parameters, events);
      for (const saved of resume?.runs ?? []) session.restore(saved);
      return session;
    } catch (error) {
      engine.destroy();
      throw error;
    }
  }

  private static async prepareBase(
    engine: Engine,
    task: Task,
    options: SessionOptions,
    events: SessionEvents,
  ): Promise<Float32Array> {
    const { experiment } = options;
    if (experiment.base === 'shipped') {
      events.progress('loading the base model', 0, 1);
      const file = await options.loadBase(task.id, experiment.model);
      events.progress('loading the base model', 1, 1);
      return loadParameters(engine.layout, file);
    }
    const { policy } = await warmStart(
      engine,
      task,
      experiment.values,
      0,
      ({ phase, step, steps, accuracy }) =>
        events.progress(
          `training the base model: ${phase}`,
          step,
          steps,
          `held-out accuracy ${accuracy.toFixed(2)}`,
        ),
      options.cancelled,
    );
    const { parameters } = await engine.readPolicy(policy);
    engine.destroyPolicy(policy);
    return parameters;
  }

  private static async createRun(
    engine: Engine,
    task: Task,
    experiment: Experiment,
    id: RunId,
    base: Policy,
    parameters: Float32Array,
  ): Promise<Run> {
    const arm = experiment.arms.find((a) => a.id === id.arm);
    if (!arm) throw new Error(`session: arm must exist, got ${id.arm}`);
    const methods = activeMethods(experiment, arm, METHODS);
    const composed = composeMethods(methods);
    return new Run({
      engine,
      task,
      arm: arm.id,
      seed: id.seed,
      composed,
      base,
      methods,
      loss: await engine.createLoss(composed),
      policy: engine.createPolicy(parameters),
      values: armValues(experiment, arm),
    });
  }

  /** True when every run has done its steps or failed. */
  get isFinished(): boolean {
    return this.runs.every((run) => this.isDone(run));
  }

  private isDone(run: Run): boolean {
    return run.failure !== undefined || run.step >= run.setting('trainer.steps');
  }

  /** The run furthest behind takes the next turn; ties go in order. */
  private nextRun(after?: Run): Run | undefined {
    const open = this.runs.filter((run) => !this.isDone(run));
    const turn = (run: Run): number => run.step + (run === after ? 1 : 0);
    const candidates = after
      ? open.filter((run) => run !== after || run.step + 1 < run.setting('trainer.steps'))
      : open;
    return candidates.reduce<Run | undefined>(
      (best, run) => (!best || turn(run) < turn(best) ? run : best),
      undefined,
    );
  }

  /**
   * Evaluates the base where that has not been done, then trains until all runs have reached `untilStep`, are finished,
   * or `pause` is called; a step that has begun is completed.
   */
  async run(untilStep = Number.POSITIVE_INFINITY): Promise<void> {
    if (this.isRunning) return;
    this.isRunning = true;
    try {
      if (this.runs.every((run) => run.step === 0)) await this.evaluateBase();
      this.lastTurn = performance.now();
      let current = this.nextRun();
      let ahead = current && this.sampleOf(current);
      while (this.isRunning && current && ahead && current.step < untilStep) {
        const batch = await ahead;
        const following = this.nextRun(current);
        ahead = undefined;
        // The next run's responses are sampled while this one's are turned into a batch; never the same run's.
        if (following && following !== current) ahead = this.sampleOf(following);
        if (batch) await this.turn(current, batch);
        this.serveAsked();
        current = this.nextRun();
        if (current !== following || !ahead) ahead = current && this.sampleOf(current);
      }
      // A batch sampled ahead is dropped: sampled again later, it is the same.
      await ahead;
    } finally {
      this.isRunning = false;
      this.serveAsked();
    }
  }

  pause(): void {
    this.isRunning = false;
  }

  setValues(values: Values, arm?: string): void {
    for (const run of this.runs) if (!arm || run.arm === arm) run.setValues(values);
  }

  /** One step of every run that has not finished. */
  stepAll(): Promise<void> {
    const open = this.runs.filter((run) => !this.isDone(run)).map((run) => run.step);
    return this.run(Math.min(...open) + 1);
  }

  private async sampleOf(run: Run): Promise<StepBatch | undefined> {
    try {
      return await run.sample();
    } catch (error) {
      this.fail(run, error);
      return undefined;
    }
  }

  private fail(run: Run, error: unknown): void {
    if (run.failure) return;
    run.failure = error instanceof Error ? error.message : String(error);
    this.events.runFailed({ arm: run.arm, seed: run.seed }, run.step, run.failure);
  }

  private async turn(run: Run, batch: StepBatch): Promise<void> {
    const id = { arm: run.arm, seed: run.seed };
    try {
      const { metrics } = await run.learn(batch);
      const row = await metrics;
      const now = performance.now();
      const tokens = batch.responses.reduce((sum, r) => sum + r.tokens.length, 0);
      row[METRIC_INDEX.tokens_per_second] = (1000 * tokens) / (now - this.lastTurn);
      if (run.isEvaluationStep()) {
        const evaluation = await run.evaluate();
        addEvaluation(row, evaluation);
        this.events.byDifficulty(id, run.step, evaluation.by_difficulty);
        await this.showProbes([run]);
      }
      this.lastTurn = performance.now();
      this.events.row(id, run.step, row);
      this.show(run, batch);
    } catch (error) {
      this.fail(run, error);
    }
  }

  private async evaluateBase(): Promise<void> {
    // All runs have the same weights; the samples differ by seed only, so once per seed.
    for (const seed of new Set(this.runs.map((run) => run.seed))) {
      const runs = this.runs.filter((run) => run.seed === seed);
      this.events.progress('evaluating the base model', 0, 1);
      const evaluation = await (runs[0] as Run).evaluate();
      for (const run of runs) {
        const row = new Float32Array(METRICS.length).fill(Number.NaN);
        addEvaluation(row, evaluation);
        this.events.row({ arm: run.arm, seed }, 0, row);
        this.events.byDifficulty({ arm: run.arm, seed }, 0, evaluation.by_difficulty);
      }
      await this.showProbes(runs);
    }
  }

  /** The first run's answers, told of all of them: they have the same weights. */
  private async showProbes(runs: readonly Run[]): Promise<void> {
    const first = runs[0];
    if (!first || !this.events.probes) return;
    const { policy, seed } = first.parts;
    const samples = await this.probes.sample(policy, seed, first.settings);
    for (const { arm, step } of runs) this.events.probes({ arm, seed }, step, samples);
  }

  private show(run: Run, batch: StepBatch): void {
    const shown = batch.measured.slice(0, Math.min(SHOWN, run.setting('trainer.group_size')));
    const first = shown[0];
    if (!first) return;
    const isLearned = batch.responses[0] === first;
    const samples = shown.map((r, i) => ({
      tokens: [...r.tokens],
      entropy: [...r.entropy],
      logp: [...r.logp],
      p_eos: [...r.p_eos],
      reward: r.verdict.reward,
      correct: r.verdict.correct,
      reason: r.verdict.reason,
      // A prompt that is not learned from has none.
      advantage: isLearned ? (batch.advantages[i] as number) : 0,
    }));
    this.events.responses(
      { arm: run.arm, seed: run.seed },
      run.step,
      first.prompt,
      this.task.solve(first.problem),
      samples,
    );
  }

  /** State of all runs, taken between two turns: every run is at the end of a step. */
  checkpoint(): Promise<Checkpoint> {
    return this.betweenTurns(() => this.takeCheckpoint());
  }

  /**
   * A run's weights between two turns, as the files of a Hugging Face folder.
   * @throws {RangeError} no such run
   */
  exportWeights(id: RunId): Promise<{ step: number; files: ExportedFile[] }> {
    const run = this.runs.find((r) => r.arm === id.arm && r.seed === id.seed);
    if (!run) throw new RangeError(`export: run must exist, got ${id.arm}/${id.seed}`);
    return this.betweenTurns(async () => {
      const { step } = run;
      const { parameters } = await this.engine.readPolicy(run.parts.policy);
      const { layout } = this.engine;
      return { step, files: huggingFaceFiles(this.task, layout, parameters, run.settings) };
    });
  }

  /**
   * Responses under a run's model as it is between two turns, with every term of every arm's loss.
   * @throws {RangeError} no such run, or a response that the buffers cannot hold
   */
  async inspect(id: RunId, responses: readonly InspectedResponse[]): Promise<Inspection> {
    const run = this.runs.find((r) => r.arm === id.arm && r.seed === id.seed);
    if (!run) throw new RangeError(`inspect: run must exist, got ${id.arm}/${id.seed}`);
    const { terms, arms } = inspectedTerms(this.termsOwners(id.seed));
    const temperature = run.setting('trainer.temperature');
    const prepared = await this.inspector.prepare(terms);
    return this.betweenTurns(async () => {
      const { arm, seed, step, parts } = run;
      const measured = this.inspector.measure(parts.policy, prepared, responses, temperature);
      return { arm, seed, step, temperature, arms, responses: await measured };
    });
  }

  /** The fused loss of every arm as it was compiled, for whoever wants to read it. */
  losses(): TrustLoss[] {
    const first = this.runs.filter((run) => run.seed === this.runs[0]?.seed);
    return first.map(({ arm, parts }) => ({
      arm,
      methods: this.methodsOf(arm).map((method) => method.id),
      wgsl: parts.loss.launch.kernel.code,
    }));
  }

  private methodsOf(arm: string): Method[] {
    const own = this.experiment.arms.find((a) => a.id === arm) as Arm;
    return activeMethods(this.experiment, own, METHODS);
  }

  private termsOwners(seed: number): TermsOwner[] {
    return this.runs
      .filter((run) => run.seed === seed)
      .map(({ arm, settings }) => ({ arm, methods: this.methodsOf(arm), settings }));
  }

  /** Now, or after the turn under way; what `work` submits before its first pause sees whole steps. */
  private betweenTurns<T>(work: () => Promise<T>): Promise<T> {
    if (!this.isRunning) return work();
    return new Promise((resolve, reject) => {
      this.asked.push(() => void work().then(resolve, reject));
    });
  }

  private serveAsked(): void {
    for (const work of this.asked.splice(0)) work();
  }

  /** Its copies are in the queue before this returns, so that later updates do not reach them. */
  private async takeCheckpoint(): Promise<Checkpoint> {
    const reads = this.runs.map(
      async ({ arm, seed, step, updates, state, parts }): Promise<RunCheckpoint> => {
        const weights = await this.engine.readPolicy(parts.policy);
        return { arm, seed, step, updates, state, ...weights };
      },
    );
    return {
      experiment: this.experiment,
      runs: await Promise.all(reads),
      base: this.baseParameters,
    };
  }

  /** Back to step 0. Call it when `run` has returned. */
  reset(): void {
    for (const run of this.runs) {
      this.engine.writePolicy(run.parts.policy, { parameters: this.baseParameters });
      run.rewind();
    }
  }

  private restore(saved: RunCheckpoint): void {
    const run = this.runs.find((r) => r.arm === saved.arm && r.seed === saved.seed);
    if (!run) return;
    const { size } = this.engine.layout;
    for (const { length } of [saved.parameters, saved.m, saved.v]) {
      if (length === size) continue;
      throw new RangeError(
        `checkpoint: ${saved.arm}/${saved.seed} must hold ${size} values, got ${length}`,
      );
    }
    this.engine.writePolicy(run.parts.policy, saved);
    run.rewind(saved.step, saved.updates, saved.state);
  }

  destroy(): void {
    this.isRunning = false;
    for (const run of this.runs) this.engine.destroyPolicy(run.parts.policy);
    this.engine.destroyPolicy(this.base);
    this.engine.destroy();
  }
}
