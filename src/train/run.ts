/**
 * One run: an arm with a seed. `sample` asks for a batch of judged responses, `learn` turns it into updates; both submit
 * at once and hand out the read-back as a promise, so that runs can overlap on the device.
 */
import { hintCorrelation } from '../core/hint_ratio.ts';
import type { LatentSampling } from '../core/latent.ts';
import type { Values } from '../core/param.ts';
import { covariance } from '../core/statistics.ts';
import type { TokenBatch } from '../core/token_batch.ts';
import { METRICS } from '../metrics/index.ts';
import type { TrainingSequence } from '../model/batch.ts';
import type { Policy } from '../model/engine.ts';
import type { UpdateRequest, UpdateResult } from '../model/update.ts';
import { balancedValues } from './balance.ts';
import { checkedUpdate } from './checked_update.ts';
import { criticOf, explainedVariance } from './critic.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import { freshTokens } from './fresh_tokens.ts';
import { latentOf } from './latent.ts';
import { measureStep, type StepMeasures } from './measure.ts';
import { minibatchIndices } from './minibatch.ts';
import { adamSettings } from './optimizer.ts';
import type { RunParts, StepBatch } from './run_parts.ts';
import { sampleStep } from './sample_step.ts';
import { learningTokens } from './stages.ts';
import { addMeasures, taskMeasures } from './task_measures.ts';
import { updateParts } from './update_parts.ts';

/** Sees the responses of a minibatch, by their numbers in the step, as its update takes them. */
export type Witness = (indices: readonly number[], sequences: readonly TrainingSequence[]) => void;

export interface Learned {
  metrics: Promise<Float32Array>;
  /** By number of the response, as the first update that took it did. */
  sequences: TrainingSequence[];
  /** Optimizer updates of the step. */
  updates: number;
}

export class Run {
  /** Steps done. */
  step = 0;
  /** Optimizer updates done. */
  updates = 0;
  /** Why the run stopped, if it did. */
  failure: string | undefined;
  private values: Values;
  /** Whose gradients the coefficients were set by last. */
  private balancedBy: StepBatch | undefined;

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
  sample(): Promise<StepBatch> {
    return sampleStep(this, this.step + 1);
  }

  /** Coefficients by the gradients on the batch that is to be learned from next; once for each batch. */
  async balance(batch: StepBatch): Promise<void> {
    if (!this.parts.balances || this.balancedBy === batch) return;
    this.balancedBy = batch;
    this.setValues(await balancedValues(this.parts, batch, this.step + 1, this.values));
  }

  /**
   * Submits the step's updates. The returned promise is of the submission; `metrics` inside is of the read-backs.
   * @param witness is shown each minibatch when everything before its first update is submitted
   * @throws {Error} (from `metrics`) a loss or gradient that is not finite, naming the first tensor
   */
  async learn(batch: StepBatch, witness?: Witness): Promise<Learned> {
    const { engine, policy, loss, composed, methods } = this.parts;
    await this.balance(batch);
    this.step++;
    this.sendValues();
    const needsBase = composed.needs.has('ref_logp');
    const hasBase = needsBase || this.isEvaluationStep();
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
        // Measured before the first update; asked for at others where a method needs it.
        const asksBase = needsBase || (hasBase && results.length === 0);
        const reference = asksBase ? this.parts.base : undefined;
        const prepared = await this.prepare(batch, indices, results.length, reference);
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
    const metrics = this.measure(batch, results, { hasBase, learning, controlled });
    return { metrics, sequences, updates: results.length };
  }

  isEvaluationStep(step = this.step): boolean {
    return (
      step % this.setting('trainer.eval_every') === 0 || step === this.setting('trainer.steps')
    );
  }

  /** @param wantsGains reads what each token tells about the answer, too */
  evaluate(wantsGains = false): Promise<Evaluation> {
    const { engine, policy, task, seed } = this.parts;
    return evaluate(engine, policy, task, this.values, {
      problems: this.setting('trainer.eval_prompts'),
      temperature: this.setting('trainer.temperature'),
      seed,
      step: this.step,
      latent: this.latent,
      wantsGains,
    });
  }

  /** How its responses begin, in training and evaluation; undefined where with a token. */
  get latent(): LatentSampling | undefined {
    return latentOf(this.parts.methods, this.values);
  }

  /**
   * A minibatch as the training pass takes it, with the constants of its methods.
   * @param number of the update in this step
   */
  private async prepare(
    batch: StepBatch,
    indices: number[],
    number: number,
    reference: Policy | undefined,
  ) {
    const { engine, composed, methods } = this.parts;
    const moved = composed.needs.has('current') && number > 0;
    const fresh = await freshTokens(this, batch, indices, moved, reference);
    if (number === 0) this.observe(fresh.tokens);
    const { judged, generation } = fresh;
    const tokens = { ...fresh.tokens, counter: [...fresh.tokens.counter, number] };
    const request = { judged, tokens, methods, composed, values: this.values };
    const { constants, ...packed } = updateParts(engine, request);
    return { ...packed, generation, learning: learningTokens(composed, tokens, constants) };
  }

  /** What methods steer by the first minibatch itself, before anything is made of it. */
  private observe(tokens: TokenBatch): void {
    const observers = this.parts.methods.filter((method) => method.observe);
    for (const method of observers) this.setValues(method.observe?.(tokens, this.values) ?? {});
    if (observers.length > 0) this.sendValues();
  }

  /** Settings to the fused loss. */
  sendValues(): void {
    const { engine, loss, composed } = this.parts;
    engine.setValues(
      loss,
      composed.fields.map((field) => this.setting(field)),
    );
  }

  private async measure(
    batch: StepBatch,
    results: Promise<UpdateResult>[],
    facts: Omit<StepMeasures, 'unused' | 'explained' | 'covariance' | 'hinted'>,
  ): Promise<Float32Array> {
    const updates = await Promise.all(results);
    const row = measureStep(batch.measured, batch.rewards, updates, {
      ...facts,
      unused: 1 - batch.responses.length / batch.sampled,
      explained: this.parts.policy.layout.hasValue ? explainedVariance(batch.tokens) : undefined,
      covariance: covariance(batch.tokens.advantage, batch.tokens.old_entropy),
      hinted: this.parts.composed.needs.has('hint_entropy')
        ? hintCorrelation(batch.tokens)
        : undefined,
    });
    addMeasures(row, taskMeasures(this.parts.task, batch.measured), 'step');
    const measured = Object.fromEntries(METRICS.map(({ id }, i) => [id, row[i] as number]));
    for (const method of this.parts.methods) {
      if (method.control) this.setValues(method.control(measured, this.values, batch.tokens));
    }
    return row;
  }
}
