/**
 * A look at single tokens: what the model thinks now, and what each term of the loss does to the logits. Everything is
 * the engine's own fused kernel, run with one term at a time and weight 1. Shared buffers are filled and used in one
 * submit, and every training pass fills what it reads, so a look between two turns leaves no trace.
 */
import type { InspectedResponse, ResponseInspection, TermInspection } from '../core/inspection.ts';
import type { Values } from '../core/param.ts';
import { record } from '../gpu/launch.ts';
import { tryBuffers } from '../gpu/memory.ts';
import { nudged } from '../gpu/nudge.ts';
import { type Composed, SUPERVISED } from '../methods/compose.ts';
import type { TermMethod, WeightMethod } from '../methods/method.ts';
import { cutByRows, packBatch, type TrainingSequence } from '../model/batch.ts';
import type { Engine, Loss, Policy } from '../model/engine.ts';
import { placeRows } from '../model/rows.ts';
import { checkRows, forwardOf, uploadBatch, uploadConstants } from '../model/update.ts';
import { mixtureSlopes, slopes } from './slopes.ts';
import { composeAlone } from './terms.ts';

/** A method with the settings it is to be looked at with. */
export interface TermRequest {
  method: TermMethod;
  values: Values;
  /** Methods that weigh an objective's tokens. */
  weights?: readonly WeightMethod[];
}

interface Prepared extends TermRequest {
  composed: Composed;
  loss: Loss;
}

/** A response on its way through the kernel, with what the terms' columns need. */
interface Looked extends TrainingSequence {
  byColumn: InspectedResponse['constants'];
}

export class Inspector {
  /** Losses by their text; the k-th serves the k-th group of settings of that text. */
  private readonly losses = new Map<string, Promise<Loss>[]>();

  constructor(
    private readonly engine: Engine,
    private readonly base: Policy,
  ) {}

  /** Compiles what is missing; touches no buffer that training uses. */
  async prepare(terms: readonly TermRequest[]): Promise<Prepared[]> {
    const used = new Map<string, number>();
    const all: readonly TermRequest[] = [{ method: SUPERVISED, values: {} }, ...terms];
    const prepared = all.map(async (term) => {
      const composed = composeAlone(term.method, term.weights);
      const k = used.get(composed.wgsl) ?? 0;
      used.set(composed.wgsl, k + 1);
      const known = this.losses.get(composed.wgsl) ?? [];
      this.losses.set(composed.wgsl, known);
      known[k] ??= this.engine.createLoss(composed);
      return { ...term, composed, loss: await known[k] };
    });
    return Promise.all(prepared);
  }

  /**
   * @param prepared from `prepare`
   * @throws {RangeError} a response that the buffers cannot hold, or without what a term's columns need
   */
  async measure(
    policy: Policy,
    prepared: readonly Prepared[],
    responses: readonly InspectedResponse[],
    temperature: number,
  ): Promise<ResponseInspection[]> {
    const sequences = responses.map((r): Looked => {
      const { prompt, tokens, logp, advantage, mixtures } = r;
      const sequence = { prompt, response: tokens, old_logp: logp, advantage, weight: 1 };
      return { ...sequence, mixtures, byColumn: r.constants };
    });
    const parts = cutByRows(sequences, this.engine.workspace.sizes.rows);
    // All parts are submitted before the first is read.
    const read = parts.map((part) => this.measurePart(policy, prepared, part, temperature));
    return (await Promise.all(read)).flat();
  }

  private async measurePart(
    policy: Policy,
    prepared: readonly Prepared[],
    sequences: readonly Looked[],
    temperature: number,
  ): Promise<ResponseInspection[]> {
    const { device, layout, workspace, eos } = this.engine;
    const batch = packBatch(sequences);
    checkRows(this.engine, batch);
    const constants = prepared.map(({ composed }) => withColumns(sequences, composed.columns));
    const { VP, config } = layout;
    const { vocab_size: V } = config;
    const [logitBytes, statBytes] = [4 * batch.N * VP, 32 * batch.N];
    const each = logitBytes + statBytes;
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    const [logits, stats] = [workspace.buffer('logits'), workspace.buffer('stats')];
    let buffers: GPUBuffer[] = [];
    try {
      const staging = await this.engine.turns.take(async () => {
        buffers = await tryBuffers(device, 'inspect', [
          { size: each * prepared.length, usage },
          { size: logitBytes, usage: GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST },
        ]);
        const [staging, kept] = buffers as [GPUBuffer, GPUBuffer];
        uploadBatch(this.engine, batch, false, temperature);
        const encoder = device.createCommandEncoder();
        const forward = encoder.beginComputePass();
        if (prepared.some(({ composed }) => composed.needs.has('ref_logp'))) {
          record(forward, forwardOf(this.base, batch), batch.N);
          record(forward, this.base.passes.referenceLogp, batch.N);
        }
        record(forward, forwardOf(policy, batch), batch.N);
        forward.end();
        encoder.copyBufferToBuffer(logits, 0, kept, 0, logitBytes);
        prepared.forEach(({ loss, composed, values }, i) => {
          this.engine.setValues(
            loss,
            composed.fields.map((field) => values[field] as number),
          );
          if (constants[i]) uploadConstants(this.engine, loss, constants[i]);
          // The kernel leaves the gradient where the logits were.
          encoder.copyBufferToBuffer(kept, 0, logits, 0, logitBytes);
          this.engine.pass(encoder, [loss.launch], batch.N);
          encoder.copyBufferToBuffer(logits, 0, staging, i * each, logitBytes);
          encoder.copyBufferToBuffer(stats, 0, staging, i * each + logitBytes, statBytes);
        });
        device.queue.submit([encoder.finish()]);
        return staging;
      });
      await nudged(device.queue, staging.mapAsync(GPUMapMode.READ));
      const data = new Float32Array(staging.getMappedRange().slice(0));
      const runs = prepared.map(({ method, values, weights }, i) => {
        const from = (i * each) / 4;
        const gradient = data.subarray(from, from + batch.N * VP);
        return { method, values, weights, gradient, stats: data.subarray(from + batch.N * VP) };
      });
      return unpack(sequences, runs, { V, VP, eos, temperature });
    } finally {
      for (const buffer of buffers) buffer.destroy();
    }
  }
}

/** The batch with these columns of constants; undefined where there are none. */
function withColumns(sequences: readonly Looked[], columns: readonly string[]) {
  if (columns.length === 0) return undefined;
  const K = columns.length;
  return packBatch(
    sequences.map((sequence) => {
      const constants = new Float32Array(K * sequence.response.length);
      columns.forEach((column, c) => {
        const given = sequence.byColumn?.[column];
        if (given?.length !== sequence.response.length)
          throw new RangeError(
            `inspect: ${column} needs a constant per token, got ${given?.length ?? 'none'}`,
          );
        for (let t = 0; t < given.length; t++) constants[K * t + c] = given[t] as number;
      });
      return { ...sequence, constants };
    }),
  );
}

const total = (values: ArrayLike<number>): number => {
  return Array.from(values).reduce((a, b) => a + b, 0);
};

/** One run of the fused kernel over a packed batch. */
interface KernelRun extends TermRequest {
  /** [N, VP] */
  gradient: Float32Array;
  /** [N, 8] as policy_loss.wgsl writes them */
  stats: Float32Array;
}

interface Shape {
  V: number;
  VP: number;
  eos: number;
  temperature: number;
}

/**
 * Cuts what the kernel left into responses. The first run is cross entropy, whose gradient is p − [j = taken], or p Σy − y
 * at a latent position.
 */
function unpack(
  sequences: readonly TrainingSequence[],
  [first, ...terms]: readonly KernelRun[],
  { V, VP, eos, temperature }: Shape,
): ResponseInspection[] {
  const places = placeRows(sequences);
  return sequences.map(({ response, mixtures = [] }, b) => {
    const { length } = response;
    const start = (places[b] as (typeof places)[number]).end - length;
    const column = (run: KernelRun, c: number): Float32Array =>
      Float32Array.from({ length }, (_, t) => run.stats[8 * (start + t) + c] as number);
    const rowsOf = (run: KernelRun): Float32Array =>
      Float32Array.from({ length: length * V }, (_, i) => {
        return run.gradient[(start + Math.floor(i / V)) * VP + (i % V)] as number;
      });
    const [logp, entropy] = [column(first, 1), column(first, 2)];
    const probabilities = rowsOf(first).map((g, i) => {
      const [t, v] = [Math.floor(i / V), i % V];
      const mixture = mixtures[t];
      if (mixture) return Math.max(0, g * temperature + (mixture[v] as number)) / total(mixture);
      return v === response[t] ? Math.exp(logp[t] as number) : g * temperature;
    });
    return {
      probabilities,
      entropy,
      logp,
      ratio: column(first, 5),
      p_eos: Float32Array.from({ length }, (_, t) => probabilities[t * V + eos] as number),
      terms: terms.map((run): TermInspection => {
        const gradient = rowsOf(run);
        const found = Array.from({ length }, (_, t) => {
          if (run.method.row) return { d_logp: Number.NaN, d_entropy: Number.NaN };
          const row = [t * V, (t + 1) * V] as const;
          const given = {
            probabilities: probabilities.subarray(...row),
            gradient: gradient.subarray(...row).map((g) => g * temperature),
            entropy: entropy[t] as number,
          };
          const mixture = mixtures[t];
          return mixture
            ? mixtureSlopes({ ...given, mixture })
            : slopes({ ...given, taken: response[t] as number });
        });
        return {
          method: run.method.id,
          values: run.values,
          weights: run.weights?.map(({ id }) => id) ?? [],
          loss: column(run, 0),
          bound: column(run, 3),
          d_logp: Float32Array.from(found, (s) => s.d_logp),
          d_entropy: Float32Array.from(found, (s) => s.d_entropy),
          gradient,
        };
      }),
    };
  });
}
