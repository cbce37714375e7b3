/**
 * One run: an arm with a seed. `sample` asks for a batch of judged responses, `learn` turns it into updates; both submit
 * at once and hand out the read-back as a promise, so that runs can overlap on the device.
 */
import { AGGREGATES, type AggregateId, tokenWeights } from '../core/aggregate.ts';
import type { Values } from '../core/param.ts';
import { Random, STREAM } from '../core/random.ts';
import { readBuffer } from '../gpu/readback.ts';
import type { Composed } from '../methods/compose.ts';
import type { AdvantageMethod } from '../methods/method.ts';
import { METRIC_INDEX, METRICS, type MetricId } from '../metrics/index.ts';
import { cutByRows, packBatch, type TrainingSequence } from '../model/batch.ts';
import type { Engine, Loss, Policy } from '../model/engine.ts';
import { worstTensor } from '../model/layout.ts';
import { type UpdateRequest, type UpdateResult, update } from '../model/update.ts';
import type { Task } from '../tasks/task.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import { trainingProblems } from './problems.ts';
import { type Judged, sampleResponses } from './sampling.ts';

/** Batch of one step with the advantage of each response. */
export interface StepBatch {
  responses: Judged[];
  /** [B] */
  advantages: Float32Array;
}

export interface RunParts {
  engine: Engine;
  task: Task;
  arm: string;
  seed: number;
  advantage: AdvantageMethod;
  composed: Composed;
  loss: Loss;
  policy: Policy;
  /** The frozen base, for KL. */
  base: Policy;
  values: Values;
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
    this.values = parts.values;
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

  /** To the state after `step` steps; the caller has written the parameters. */
  rewind(step = 0, updates = 0): void {
    this.step = step;
    this.updates = updates;
    this.failure = undefined;
  }

  /** Applies from the next step on. */
  setValues(values: Values): void {
    this.values = { ...this.values, ...values };
  }

  /** The responses of the next step, sampled from the parameters as the queue will have them. */
  async sample(): Promise<StepBatch> {
    const { engine, policy, task, advantage, seed } = this.parts;
    const step = this.step + 1;
    const groupSize = this.setting('trainer.group_size');
    const problems = trainingProblems(
      task,
      this.values,
      seed,
      STREAM.prompt,
      step,
      this.setting('trainer.prompts'),
    );
    const responses = await sampleResponses(engine, policy, task, {
      problems,
      groupSize,
      temperature: this.setting('trainer.temperature'),
      seed,
      stream: STREAM.sample,
      step,
    });
    const rewards = responses.map((r) => r.verdict.reward);
    return { responses, advantages: advantage.advantages(rewards, groupSize, this.values) };
  }

  /**
   * Submits the step's updates. The returned promise is of the submission; `metrics` inside is of the read-backs.
   * @throws {Error} (from `metrics`) a loss or gradient that is not finite, naming the first tensor
   */
  async learn(batch: StepBatch): Promise<{ metrics: Promise<Float32Array> }> {
    const { engine, policy, loss, composed } = this.parts;
    this.step++;
    engine.setValues(
      loss,
      composed.fields.map((field) => this.setting(field)),
    );
    const wantsBase = composed.needs.has('ref_logp') || this.isEvaluationStep();
    const results: Promise<UpdateResult>[] = [];
    for (let epoch = 0; epoch < this.setting('trainer.epochs'); epoch++) {
      for (const minibatch of this.minibatches(batch, epoch)) {
        this.updates++;
        const parts = cutByRows(minibatch, engine.workspace.sizes.rows).map(packBatch);
        const request: UpdateRequest = {
          parts,
          temperature: this.setting('trainer.temperature'),
          updateNumber: this.updates,
          reference: wantsBase ? this.parts.base : undefined,
          adam: this.adam(),
        };
        results.push(this.checkedUpdate(policy, loss, request));
      }
    }
    return { metrics: this.measure(batch, results, wantsBase) };
  }

  isEvaluationStep(): boolean {
    return (
      this.step % this.setting('trainer.eval_every') === 0 ||
      this.step === this.setting('trainer.steps')
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

  private adam(): UpdateRequest['adam'] {
    const of = (name: string): number => this.setting(`trainer.${name}`);
    return {
      learning_rate: of('learning_rate'),
      beta1: of('beta1'),
      beta2: of('beta2'),
      eps: 1e-8,
      weight_decay: of('weight_decay'),
      max_grad_norm: of('max_grad_norm'),
    };
  }

  /** Sequences of each minibatch with their aggregation weights; whole prompts, in a seeded order when there are several. */
  private minibatches(batch: StepBatch, epoch: number): TrainingSequence[][] {
    const G = this.setting('trainer.group_size');
    const prompts = batch.responses.length / G;
    const count = Math.min(this.setting('trainer.minibatches'), prompts);
    const mode = AGGREGATES[this.setting('trainer.aggregate')]?.id as AggregateId;
    const order =
      count > 1
        ? new Random(this.seed, STREAM.shuffle, this.step, epoch).permutation(prompts)
        : undefined;
    const { response: longest } = this.parts.engine.workspace.sizes;
    return Array.from({ length: count }, (_, k) => {
      const [from, to] = [
        Math.floor((k * prompts) / count),
        Math.floor(((k + 1) * prompts) / count),
      ];
      const indices = Array.from({ length: (to - from) * G }, (__, i) => {
        const p = from + Math.floor(i / G);
        return (order ? (order[p] as number) : p) * G + (i % G);
      });
      const weights = tokenWeights(
        mode,
        indices.map((i) => (batch.responses[i] as Judged).tokens.length),
        longest,
      );
      return indices.map((i, at) => {
        const { prompt, tokens, logp } = batch.responses[i] as Judged;
        return {
          prompt,
          response: tokens,
          old_logp: logp,
          weight: weights[at] as number,
          advantage: batch.advantages[i] as number,
        };
      });
    });
  }

  /** A gradient that is not finite has left the parameters alone; computing it again tells which tensor was first. */
  private async checkedUpdate(
    policy: Policy,
    loss: Loss,
    request: UpdateRequest,
  ): Promise<UpdateResult> {
    const { engine } = this.parts;
    const result = await update(engine, policy, loss, request);
    if (Number.isFinite(result.loss) && Number.isFinite(result.grad_norm)) return result;
    await update(engine, policy, loss, { ...request, gradientOnly: true });
    const grad = new Float32Array(
      await readBuffer(engine.device, engine.workspace.buffer('grad'), 4 * engine.layout.size),
    );
    const where = worstTensor(engine.layout, grad);
    throw new Error(
      `step ${this.step}: gradient must be finite, got ${result.grad_norm} (loss ${result.loss}), first in ${where}; lower the learning rate or the coefficient`,
    );
  }

  private async measure(
    batch: StepBatch,
    results: Promise<UpdateResult>[],
    wantsBase: boolean,
  ): Promise<Float32Array> {
    const row = new Float32Array(METRICS.length).fill(Number.NaN);
    const set = (id: MetricId, value: number): void => {
      row[METRIC_INDEX[id]] = value;
    };
    const { responses } = batch;
    const mean = (of: (r: Judged) => number): number =>
      responses.reduce((sum, r) => sum + of(r), 0) / responses.length;
    const tokens = responses.reduce((sum, r) => sum + r.tokens.length, 0);
    set(
      'accuracy',
      mean((r) => Number(r.verdict.correct)),
    );
    set(
      'reward',
      mean((r) => r.verdict.reward),
    );
    set('response_length', tokens / responses.length);
    set(
      'premature_end',
      mean((r) => Number(r.verdict.premature_end)),
    );
    set('entropy', responses.reduce((sum, r) => sum + total(r.entropy), 0) / tokens);
    const before = responses.reduce(
      (sum, r) => sum + Math.min(r.verdict.answered_at, r.tokens.length),
      0,
    );
    set(
      'p_eos',
      responses.reduce((sum, r) => sum + total(r.p_eos.subarray(0, r.verdict.answered_at)), 0) /
        before,
    );
    const updates = await Promise.all(results);
    const learned = updates.reduce((sum, u) => sum + u.tokens, 0);
    set('grad_norm', updates.reduce((sum, u) => sum + u.grad_norm, 0) / updates.length);
    set('clip_fraction', updates.reduce((sum, u) => sum + u.bound, 0) / learned);
    if (wantsBase)
      set('kl_base', (updates[0] as UpdateResult).kl / (updates[0] as UpdateResult).tokens);
    return row;
  }
}

function total(values: Float32Array): number {
  let sum = 0;
  for (const x of values) sum += x;
  return sum;
}

/** Writes an evaluation into a row of metrics. */
export function addEvaluation(row: Float32Array, evaluation: Evaluation): void {
  row[METRIC_INDEX.eval_accuracy] = evaluation.accuracy;
  row[METRIC_INDEX.eval_pass_at_8] = evaluation.pass_at_k;
}
