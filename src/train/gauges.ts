/**
 * Measurements that take passes of their own, around the updates of an evaluation step: gradients of parts of the loss,
 * what the step did to the distributions, and how widely each layer looks back. They read and leave no trace, so a run is the same with and without them.
 */

import { centredDiscriminator, entropyOf, logSoftmax, overlap } from '../core/distribution.ts';
import type { Values } from '../core/param.ts';
import { mean } from '../core/statistics.ts';
import type { Launch } from '../gpu/launch.ts';
import { readBuffer } from '../gpu/readback.ts';
import { type Composed, composeMethods } from '../methods/compose.ts';
import { ATTENTION } from '../metrics/attention.ts';
import { type Gauge, METRIC_INDEX, type MetricId } from '../metrics/index.ts';
import { attentionEntropies, attentionLaunches } from '../model/attention.ts';
import type { Engine } from '../model/engine.ts';
import { logitsOf } from '../model/logits.ts';
import { type Compiled, compile, cosine, dot, gradientOf, norm } from './gradients.ts';
import type { Run } from './run.ts';
import type { StepBatch } from './run_parts.ts';
import { composePolicy, composeRegularizers, ENTROPY } from './terms.ts';
import { updateParts } from './update_parts.ts';

type Measured = Partial<Record<MetricId, number>>;

export class Gauges {
  /** What is wanted; nothing is done for others. */
  asked: ReadonlySet<Gauge> = new Set();
  private readonly compiled = new Map<string, Promise<Compiled>>();
  private attentionOf?: Promise<Launch[]>;

  constructor(private readonly engine: Engine) {}

  /**
   * Before the updates of a run's next step. Call what it gives after them, with the row to fill.
   * @returns undefined where nothing is wanted, or the step is no evaluation
   */
  async before(
    run: Run,
    batch: StepBatch,
  ): Promise<((row: Float32Array) => Promise<void>) | undefined> {
    if (this.asked.size === 0 || !run.isEvaluationStep(run.step + 1)) return undefined;
    const parts: Measured = this.asked.has('gradients') ? await this.gradients(run, batch) : {};
    if (this.asked.has('attention')) Object.assign(parts, await this.attention(run, batch));
    const finish = this.asked.has('change') ? await this.change(run, batch) : undefined;
    return async (row) => {
      const measured = { ...parts, ...(await finish?.()) };
      for (const [id, value] of Object.entries(measured)) row[METRIC_INDEX[id as MetricId]] = value;
    };
  }

  private async gradients(run: Run, batch: StepBatch): Promise<Measured> {
    const { methods } = run.parts;
    const policy = await this.gradient(run, batch, composePolicy(methods));
    const policy_grad_norm = norm(policy);
    if (!methods.some(({ stage }) => stage === 'regularizer'))
      return { policy_grad_norm, regularizer_grad_norm: 0 };
    const added = await this.gradient(run, batch, composeRegularizers(methods));
    return {
      policy_grad_norm,
      regularizer_grad_norm: norm(added),
      grad_cosine: cosine(policy, added),
    };
  }

  /** Means over the tokens that the step learns from, under the policy before its updates. */
  private async attention(run: Run, { responses: judged, tokens }: StepBatch): Promise<Measured> {
    this.attentionOf ??= attentionLaunches(this.engine);
    const { policy, methods } = run.parts;
    const { parts } = updateParts(this.engine, { judged, tokens, methods, values: run.settings });
    const layers = await attentionEntropies(this.engine, policy, parts, await this.attentionOf);
    return Object.fromEntries(layers.map((e, l) => [ATTENTION[l]?.id, mean(e)]));
  }

  /** Means over the tokens that the step learns from, whatever the trainer's aggregate. */
  private async change(run: Run, batch: StepBatch): Promise<() => Promise<Measured>> {
    const values = { ...run.settings, 'trainer.aggregate': 0 };
    const temperature = run.setting('trainer.temperature');
    const { policy, methods } = run.parts;
    const { tokens, responses: judged } = batch;
    const { parts } = updateParts(this.engine, { judged, tokens, methods, values });
    const distributions = async () =>
      (await logitsOf(this.engine, policy, parts)).map((row) => logSoftmax(row, temperature));
    const parameters = async () =>
      new Float32Array(await readBuffer(this.engine.device, policy.theta));
    const gradient = await this.gradient(run, batch, composeMethods([ENTROPY]), values);
    const [was, from] = [await distributions(), await parameters()];
    const taken = judged.flatMap(({ tokens: own, mixtures = [] }) =>
      Array.from(own, (token, t) => mixtures[t] ?? token),
    );
    return async () => {
      const [is, to] = [await distributions(), await parameters()];
      return {
        entropy_change: mean(
          is.map((row, n) => entropyOf(row) - entropyOf(was[n] as Float64Array)),
        ),
        entropy_change_predicted: dot(
          gradient,
          Float64Array.from(to, (x, i) => x - (from[i] as number)),
        ),
        entropy_change_tabular: mean(
          was.map((row, n) => {
            const centred = centredDiscriminator(row, taken[n] as number | Float32Array);
            return -(tokens.advantage[n] as number) * centred;
          }),
        ),
        acceptance: mean(is.map((row, n) => overlap(row, was[n] as Float64Array))),
      };
    };
  }

  private async gradient(
    run: Run,
    batch: StepBatch,
    composed: Composed,
    values: Values = run.settings,
  ): Promise<Float32Array> {
    const known = this.compiled.get(composed.wgsl) ?? compile(this.engine, composed);
    this.compiled.set(composed.wgsl, known);
    return gradientOf(run.parts, batch, await known, values);
  }
}
