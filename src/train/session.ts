/**
 * An experiment on one device: its runs take turns step by step, so that curves grow together and the comparison is fair
 * at every moment. While one run's responses are judged on the CPU, the next run's are already being sampled.
 */
import type { Experiment, RunId } from '../core/experiment.ts';
import type { InspectedResponse, Inspection } from '../core/inspection.ts';
import type { Values } from '../core/param.ts';
import type { Checkpoint, ExportedFile } from '../core/report.ts';
import type { SlowStep } from '../core/slow_step.ts';
import type { MatchedStrength } from '../core/strength.ts';
import type { TrustLoss } from '../core/trust.ts';
import { isLosing, type OpenedDevice } from '../gpu/device.ts';
import { gaugesOf, METRIC_INDEX } from '../metrics/index.ts';
import type { Engine, Policy } from '../model/engine.ts';
import type { Task } from '../tasks/task.ts';
import { Asked } from './asked.ts';
import { takeCheckpoint } from './checkpoints.ts';
import { Gauges } from './gauges.ts';
import { Inspector } from './inspect.ts';
import { Looks } from './looks.ts';
import { nextRun } from './next_run.ts';
import { Pairs } from './pairs.ts';
import { type Prepared, prepare, type SessionOptions } from './prepare.ts';
import { Probes } from './probes.ts';
import type { Run } from './run.ts';
import type { StepBatch } from './run_parts.ts';
import { SlowWatch } from './slow_step.ts';
import { type SessionEvents, Telling } from './telling.ts';

export type { SessionEvents } from './telling.ts';

const STOPPED = 'the runs were stopped before they had taken the step';

export class Session {
  private isRunning = false;
  /** The runs end with the turn under way; until then the session is busy. */
  private isPausing = false;
  /** Counts pauses: a step that was asked for before one is not taken after it. */
  private pauses = 0;
  private lastTurn = 0;
  /** How far the runs under way go. */
  private untilStep = Number.POSITIVE_INFINITY;
  /** What was asked for while a turn is under way; served between turns. */
  private readonly asked = new Asked();
  /** Keeps a step to be looked at slowly. */
  private watch: SlowWatch | undefined;
  private readonly inspector: Inspector;
  private readonly telling: Telling;
  private readonly gauges: Gauges;
  private readonly looks: Looks;
  private readonly pairs: Pairs;

  readonly engine: Engine;
  readonly task: Task;
  readonly runs: readonly Run[];
  readonly baseParameters: Float32Array;
  /** Coefficients that were chosen by matching; none where they are the settings'. */
  readonly strengths: readonly MatchedStrength[];
  private readonly base: Policy;

  private constructor(
    readonly experiment: Experiment,
    prepared: Prepared,
    private readonly events: SessionEvents,
  ) {
    const { engine, task, base } = prepared;
    this.engine = engine;
    this.task = task;
    this.base = base;
    this.runs = prepared.runs;
    this.baseParameters = prepared.baseParameters;
    this.strengths = prepared.strengths;
    this.inspector = new Inspector(engine, base);
    this.gauges = new Gauges(engine);
    const probes = new Probes({ engine, task, base, inspector: this.inspector });
    this.telling = new Telling(task, probes, events);
    this.pairs = new Pairs(experiment.seeds[0], (...told) => events.pairs?.(...told));
    this.looks = new Looks(
      { engine, task, experiment, runs: this.runs, inspector: this.inspector },
      (work) => this.betweenTurns(work),
    );
  }

  /** @throws {Error} a setting, a limit or a checkpoint that does not fit; nothing is left allocated */
  static async open(
    opened: OpenedDevice,
    options: SessionOptions,
    events: SessionEvents,
  ): Promise<Session> {
    const prepared = await prepare(opened, options, (...told) => events.progress(...told));
    return new Session(options.experiment, prepared, events);
  }

  /** True between the beginning of `run` and its end. */
  get isBusy(): boolean {
    return this.isRunning;
  }

  /** True when every run has done its steps or failed. */
  get isFinished(): boolean {
    return this.runs.every((run) => this.isDone(run));
  }

  private isDone(run: Run): boolean {
    return run.failure !== undefined || run.step >= run.setting('trainer.steps');
  }

  private openRuns(): Run[] {
    return this.runs.filter((run) => !this.isDone(run));
  }

  /**
   * Evaluates the base where that has not been done, then trains until all runs have reached `untilStep`, are finished,
   * or `pause` is called; a step that has begun is completed.
   */
  async run(untilStep = Number.POSITIVE_INFINITY): Promise<void> {
    if (this.isRunning) return;
    this.isRunning = true;
    this.isPausing = false;
    this.untilStep = untilStep;
    try {
      if (this.runs.every((run) => run.step === 0)) await this.telling.evaluateBase(this.runs);
      this.lastTurn = performance.now();
      let current = nextRun(this.openRuns());
      let ahead = current && this.sampleOf(current);
      while (!this.isPausing && current && ahead && current.step < this.untilStep) {
        const batch = await ahead;
        const following = nextRun(this.openRuns(), current);
        ahead = undefined;
        // The next run's responses are sampled while this one's are turned into a batch; never the same run's.
        if (following && following !== current) ahead = this.sampleOf(following);
        if (batch) await this.turn(current, batch);
        if (this.watch?.isComplete(this.openRuns())) this.endWatch();
        // What is asked of runs that stop is served when they have.
        if (!this.isPausing) this.asked.serve();
        current = nextRun(this.openRuns());
        if (current !== following || !ahead) ahead = current && this.sampleOf(current);
      }
      // A batch sampled ahead is dropped: sampled again later, it is the same.
      await ahead;
    } finally {
      this.isRunning = false;
      this.endWatch();
      this.asked.serve();
    }
  }

  pause(): void {
    this.pauses++;
    this.isPausing = true;
    // Nobody runs to the step any more.
    if (!this.isRunning) this.endWatch();
  }

  /** Metrics that are looked at: those that cost passes of their own are measured while they are among them. */
  setAsked(metrics: readonly string[]): void {
    this.gauges.asked = gaugesOf(metrics);
  }

  /** Whether somebody looks at λ and −A of single tokens. */
  setPairsAsked(isAsked: boolean): void {
    this.pairs.isAsked = isAsked;
  }

  /** Whether somebody looks at what tokens tell about the answer, through training. */
  setGainsAsked(isAsked: boolean): void {
    this.telling.areGainsAsked = isAsked;
  }

  setValues(values: Values, arm?: string): void {
    for (const run of this.runs) if (!arm || run.arm === arm) run.setValues(values);
  }

  /** One step of every run that has not finished. */
  stepAll(): Promise<void> {
    const open = this.openRuns().map((run) => run.step);
    return this.run(Math.min(...open) + 1);
  }

  private async sampleOf(run: Run): Promise<StepBatch | undefined> {
    try {
      return await run.sample();
    } catch (error) {
      await this.fail(run, error);
      return undefined;
    }
  }

  private async fail(run: Run, error: unknown): Promise<void> {
    // Lost with its device, a run has not failed: it goes on from its checkpoint on another one.
    if (await isLosing(this.engine.device)) return this.pause();
    if (run.failure) return;
    run.failure = error instanceof Error ? error.message : String(error);
    this.events.runFailed({ arm: run.arm, seed: run.seed }, run.step, run.failure);
  }

  private async turn(run: Run, batch: StepBatch): Promise<void> {
    const id = { arm: run.arm, seed: run.seed };
    try {
      // Before anything is measured, so that it is measured at the coefficients of the step.
      await run.balance(batch);
      const gauged = await this.apart(() => this.gauges.before(run, batch));
      const watch = this.watch?.isFor(run) ? this.watch : undefined;
      const watched = await watch?.learn(run, batch);
      const learned = watched?.learned ?? (await run.learn(batch));
      const row = await learned.metrics;
      await watched?.keep();
      await this.apart(async () => gauged?.(row));
      const now = performance.now();
      const tokens = batch.responses.reduce((sum, r) => sum + r.tokens.length, 0);
      row[METRIC_INDEX.tokens_per_second] = (1000 * tokens) / (now - this.lastTurn);
      if (run.isEvaluationStep()) await this.telling.evaluate([run], row);
      this.lastTurn = performance.now();
      this.events.row(id, run.step, row);
      this.telling.show(run, batch, learned);
      this.pairs.show(run, batch);
    } catch (error) {
      await this.fail(run, error);
    }
  }

  /** Work that does not count as the run's own time. */
  private async apart<T>(work: () => Promise<T>): Promise<T> {
    const from = performance.now();
    const result = await work();
    this.lastTurn += performance.now() - from;
    return result;
  }

  /** State of all runs, taken between two turns: every run is at the end of a step. */
  checkpoint(): Promise<Checkpoint> {
    return this.betweenTurns(() =>
      takeCheckpoint(this.engine, this.experiment, this.runs, this.baseParameters),
    );
  }

  /** @throws {RangeError} no such run */
  exportWeights(id: RunId): Promise<{ step: number; files: ExportedFile[] }> {
    return this.looks.exportWeights(id);
  }

  /** @throws {RangeError} no such run, or a response that the buffers cannot hold */
  inspect(id: RunId, responses: readonly InspectedResponse[]): Promise<Inspection> {
    return this.looks.inspect(id, responses);
  }

  /** The fused loss of every arm as it was compiled, for whoever wants to read it. */
  losses(): TrustLoss[] {
    return this.looks.losses();
  }

  /**
   * Keeps the next step of a seed's arms, one that none of them has begun, for a slow look. `seen` is of the step itself,
   * which somebody has to `run` to; it fails where the runs stop before.
   * @throws {Error} no such seed, its runs have done their steps, or they were stopped before it could be kept
   */
  watchStep(seed: number): Promise<{ step: number; seen: Promise<SlowStep> }> {
    const before = this.pauses;
    return this.betweenTurns(async () => {
      if (this.pauses !== before) throw new Error(`slow motion: ${STOPPED}`);
      const watch = SlowWatch.next(this.inspector, this.openRuns(), seed);
      this.endWatch();
      this.watch = watch;
      // Runs that would stop before it go on to it.
      this.untilStep = Math.max(this.untilStep, watch.step);
      return { step: watch.step, seen: watch.seen };
    });
  }

  private endWatch(): void {
    this.watch?.close(STOPPED);
    this.watch = undefined;
  }

  /** Now, or after the turn under way; what `work` submits before its first pause sees whole steps. */
  private betweenTurns<T>(work: () => Promise<T>): Promise<T> {
    return this.isRunning ? this.asked.later(work) : work();
  }

  /** Back to step 0. Call it when `run` has returned. */
  reset(): void {
    for (const run of this.runs) {
      this.engine.writePolicy(run.parts.policy, { parameters: this.baseParameters });
      run.rewind();
    }
  }

  /** Destroys it when the look under way, if any, has been taken; those that have not begun are refused. */
  async close(): Promise<void> {
    await this.engine.turns.close();
    this.destroy();
  }

  destroy(): void {
    this.pause();
    for (const run of this.runs) this.engine.destroyPolicy(run.parts.policy);
    this.engine.destroyPolicy(this.base);
    this.engine.destroy();
  }
}
