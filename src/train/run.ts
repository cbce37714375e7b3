/**
 * One run: an arm with a seed. `sample` asks for a batch of judged responses, `learn` turns it into updates; both submit
 * at once and hand out the read-back as a promise, so that runs can overlap on the device.
 */
import type { Values } from '../core/param.ts';
import { STREAM } from '../core/random.ts';
import { covariance, mean } from '../core/statistics.ts';
import { responses as rangesOf, selectResponses, type TokenBatch } from '../core/token_batch.ts';
import type { Composed } from '../methods/compose.ts';
import type { Method } from '../methods/method.ts';
import { METRICS } from '../metrics/index.ts';
import type { TrainingSequence } from '../model/batch.ts';
import { currentStats } from '../model/current.ts';
import type { Engine, Loss, Policy } from '../model/engine.ts';
import type { UpdateRequest, UpdateResult } from '../model/update.ts';
import type { Task } from '../tasks/task.ts';
import { answerOf, readAnswers, withAnswers } from './answers.ts';
import { checkedUpdate } from './checked_update.ts';
import { criticOf, explainedVariance, withValues } from './critic.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import { withExtra } from './extra.ts';
import { measureStep, type StepMeasures } from './measure.ts';
import { minibatchIndices } from './minibatch.ts';
import { adamSettings } from './optimizer.ts';
import { withReference } from './reference.ts';
import { sampleRounds } from './rounds.ts';
import type { Judged } from './sampling.ts';
import { credit, learningTokens, rewarded, tokenBatchOf } from './stages.ts';
import { addMeasures, taskMeasures } from './task_measures.ts';
import { updateParts } from './update_parts.ts';

/** Batch of one step, after the stages that run once a step. */
export interface StepBatch {
  responses: Judged[];
  tokens: TokenBatch;
  /** [B] mean of each response's tokens, for display */
  advantages: Float32Array;
  /** What is measured and shown: the responses of the first round, also those that are not learned from. */
  measured: Judged[];
  /** Of `measured`, after the reward stage. */
  rewards: ArrayLike<number>;
  /** Responses that were sampled for this step. */
  sampled: number;
}

/** Sees the responses of a minibatch, by their numbers in the step, as its update takes them. */
export type Witness = (indices: readonly number[], sequences: readonly TrainingSequence[]) => void;

export interface Learned {
  metrics: Promise<Float32Array>;
  /** By number of the response, as the first update that took it did. */
  sequences: TrainingSequence[];
  /** Optimizer updates of the step. */
  updates: number;
}

export interface RunParts {
  engine: Engine;
  task: Task;
  arm: string;
  seed: number;
  /** Active methods, in the order of the arm. */
  methods: readonly Method[];
  composed: Composed;
  loss: Loss;
  policy: Policy;
  /** The frozen base, for KL. */
  base: Policy;
  values: Values;
  /** Settings that stay, whatever is asked of the run: coefficients that were matched. */
  fixed?: Values;
}

export class Run {
  /** Steps done. */
  step = 0;
  /** Optimizer updates done. */
  updates = 0;
  /** Why the run stopped, if it did. */
  failure: string | undefined;
  private values: Values;

  constructor(readonly parts: RunParts) {
    this.values = { ...parts.values, ...parts.fixed, ...this.stateAt(parts.values) };
  }

  get arm(): string {
    return this.parts.arm;
  }

  get seed(): number {
    return this.parts.seed;
  }

  /** As they apply to the next step, by full name. */
  get settings(): Values {
    return this.values;
  }

  setting(name: string): number {
    const value = this.values[name];
    if (value === undefined)
      throw new Error(`run ${this.arm}/${this.seed}: needs a value for ${name}, got none`);
    return value;
  }

  /** To the state after `step` steps; the caller has written the parameters. `state`: of the methods, as it was then. */
  rewind(step = 0, updates = 0, state: Values = this.stateAt(this.values)): void {
    this.step = step;
    this.updates = updates;
    this.failure = undefined;
    this.values = { ...this.values, ...state };
  }

  /** Values that the methods steer themselves, by full name, as they are now. */
  get state(): Values {
    return this.stateAt(this.values, (key) => this.setting(key));
  }

  private stateAt(values: Values, read?: (key: string) => number): Values {
    return Object.fromEntries(
      this.parts.methods.flatMap(({ id, state = {} }) =>
        Object.entries(state).map(([name, begin]) => {
          const key = `${id}.${name}`;
          return [key, read ? read(key) : begin(values)];
        }),
      ),
    );
  }

  /** Applies from the next step on. */
  setValues(values: Values): void {
    this.values = { ...this.values, ...values, ...this.parts.fixed };
  }

  /** The responses of the next step, sampled from the parameters as the queue will have them. */
  async sample(): Promise<StepBatch> {
    const { engine, policy, base, task, methods, composed, seed } = this.parts;
    const step = this.step + 1;
    const groupSize = this.setting('trainer.group_size');
    const facts = (judged: Judged[]): TokenBatch =>
      tokenBatchOf(judged, {
        groupSize,
        maxResponse: engine.workspace.sizes.response,
        progress: Math.min(1, step / this.setting('trainer.steps')),
        counter: [seed, STREAM.method, step],
      });
    const { first, kept, sampled } = await sampleRounds(engine, policy, task, {
      ...{ groupSize, seed, step, methods, values: this.values, facts },
      prompts: this.setting('trainer.prompts'),
      temperature: this.setting('trainer.temperature'),
    });
    const judge = async (judged: Judged[]): Promise<TokenBatch> => {
      let known = facts(judged);
      const temperature = this.setting('trainer.temperature');
      if (composed.needs.has('answers')) {
        const { right } = answerOf(task);
        const asked = judged.map((r) => ({ ...r, right: right(r.problem) }));
        known = withAnswers(known, await readAnswers(engine, policy, task, asked, temperature));
      }
      if (!composed.needs.has('sampled_ref_logp')) return known;
      return withReference({ engine, base, temperature }, judged, known);
    };
    const credited = async (judged: Judged[]): Promise<TokenBatch> => {
      const known = await judge(judged);
      const { hasValue } = policy.layout;
      const valued = hasValue ? await withValues(engine, policy, judged, known) : known;
      return credit(methods, valued, this.values);
    };
    const own = { judged: kept, tokens: await credited(kept) };
    const method = methods.find((m) => m.stage === 'sampling');
    const { judged, tokens, ...extra } = method?.extra
      ? await withExtra(own, {
          ...{ engine, policy, task, method, values: this.values, groupSize, seed, step, sampled },
          credit: credited,
        })
      : { ...own, sampled: 0 };
    const advantages = Float32Array.from(rangesOf(tokens), ({ from, to }) =>
      mean(tokens.advantage.subarray(from, to)),
    );
    const { reward } =
      first === kept ? own.tokens : rewarded(methods, await judge(first), this.values);
    return {
      ...{ responses: judged, tokens, advantages, measured: first, rewards: reward },
      sampled: sampled + extra.sampled,
    };
  }

  /**
   * Submits the step's updates. The returned promise is of the submission; `metrics` inside is of the read-backs.
   * @param witness is shown each minibatch when everything before its first update is submitted
   * @throws {Error} (from `metrics`) a loss or gradient that is not finite, naming the first tensor
   */
  async learn(batch: StepBatch, witness?: Witness): Promise<Learned> {
    const { engine, policy, loss, composed, methods } = this.parts;
    this.step++;
    this.sendValues();
    const wantsBase = composed.needs.has('ref_logp') || this.isEvaluationStep();
    const cut = {
      responses: batch.responses.length,
      groupSize: this.setting('trainer.group_size'),
      minibatches: this.setting('trainer.minibatches'),
      seed: this.parts.seed,
      step: this.step,
    };
    const results: Promise<UpdateResult>[] = [];
    const sequences: TrainingSequence[] = [];
    let controlled = Number.NaN;
    let learning = 0;
    for (let epoch = 0; epoch < this.setting('trainer.epochs'); epoch++) {
      for (const indices of minibatchIndices({ ...cut, epoch })) {
        const moved = composed.needs.has('current') && results.length > 0;
        const reference = wantsBase ? this.parts.base : undefined;
        const prepared = await this.prepare(batch, indices, results.length, moved, reference);
        if (results.length === 0) [controlled = Number.NaN] = Object.values(this.state);
        learning += prepared.learning;
        if (epoch === 0) {
          indices.forEach((i, at) => {
            sequences[i] = prepared.sequences[at] as TrainingSequence;
          });
          if (witness) await Promise.all(results);
          witness?.(indices, prepared.sequences);
        }
        this.updates++;
        const request: UpdateRequest = {
          parts: prepared.parts,
          generation: prepared.generation,
          temperature: this.setting('trainer.temperature'),
          updateNumber: this.updates,
          reference,
          adam: adamSettings((name) => this.setting(name)),
          critic: criticOf(methods)?.settings(this.values),
        };
        results.push(checkedUpdate(engine, policy, loss, request, this.step));
      }
    }
    const metrics = this.measure(batch, results, { hasBase: wantsBase, learning, controlled });
    return { metrics, sequences, updates: results.length };
  }

  isEvaluationStep(step = this.step): boolean {
    return (
      step % this.setting('trainer.eval_every') === 0 || step === this.setting('trainer.steps')
    );
  }

  evaluate(): Promise<Evaluation> {
    const { engine, policy, task, seed } = this.parts;
    return evaluate(engine, policy, task, this.values, {
      problems: this.setting('trainer.eval_prompts'),
      temperature: this.setting('trainer.temperature'),
      seed,
      step: this.step,
    });
  }

  /**
   * A minibatch as the training pass takes it, with the constants of its methods.
   * @param number of the update in this step
   * @param moved  true where logp and entropy have to be computed again, since the policy is not the sampling one
   */
  private async prepare(
    batch: StepBatch,
    indices: number[],
    number: number,
    moved: boolean,
    reference: Policy | undefined,
  ) {
    const { engine, policy, loss, composed } = this.parts;
    const request = {
      judged: indices.map((i) => batch.responses[i] as Judged),
      tokens: selectResponses(batch.tokens, indices),
      methods: this.parts.methods,
    };
    let { tokens } = request;
    let generation: number | undefined;
    if (moved || composed.reads.length > 0) {
      const { parts } = updateParts(engine, { ...request, values: this.values });
      const temperature = this.setting('trainer.temperature');
      const now = await currentStats(engine, policy, parts, temperature, { reference, loss });
      generation = now.generation;
      const { logp, entropy } = moved ? now : tokens;
      tokens = { ...tokens, logp, entropy, rows: now.rows };
    }
    if (number === 0) this.observe(tokens);
    tokens = { ...tokens, counter: [...tokens.counter, number] };
    const { values } = this;
    const { constants, ...packed } = updateParts(engine, { ...request, values, tokens, composed });
    return { ...packed, generation, learning: learningTokens(composed, tokens, constants) };
  }

  /** What methods steer by the first minibatch itself, before anything is made of it. */
  private observe(tokens: TokenBatch): void {
    const observers = this.parts.methods.filter((method) => method.observe);
    for (const method of observers) this.setValues(method.observe?.(tokens, this.values) ?? {});
    if (observers.length > 0) this.sendValues();
  }

  /** Settings to the fused loss. */
  private sendValues(): void {
    const { engine, loss, composed } = this.parts;
    engine.setValues(
      loss,
      composed.fields.map((field) => this.setting(field)),
    );
  }

  private async measure(
    batch: StepBatch,
    results: Promise<UpdateResult>[],
    facts: Omit<StepMeasures, 'unused' | 'explained' | 'covariance'>,
  ): Promise<Float32Array> {
    const updates = await Promise.all(results);
    const row = measureStep(batch.measured, batch.rewards, updates, {
      ...facts,
      unused: 1 - batch.responses.length / batch.sampled,
      explained: this.parts.policy.layout.hasValue ? explainedVariance(batch.tokens) : undefined,
      covariance: covariance(batch.tokens.advantage, batch.tokens.old_entropy),
    });
    addMeasures(row, taskMeasures(this.parts.task, batch.measured), 'step');
    const measured = Object.fromEntries(METRICS.map(({ id }, i) => [id, row[i] as number]));
    for (const method of this.parts.methods) {
      if (method.control) this.setValues(method.control(measured, this.values, batch.tokens));
    }
    return row;
  }
}
