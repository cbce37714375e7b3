/** What a case computes, the same for us and for a peer: one Llama, one batch, one loss, one optimizer. */
import { type ModelConfig, type ModelPresetId, modelConfig } from '../../src/core/model_config.ts';
import { Random } from '../../src/core/random.ts';
import { initialParameters } from '../../src/model/init.ts';
import { createLayout, readTensor } from '../../src/model/layout.ts';

export interface Shape {
  model: ModelPresetId;
  /** B */
  sequences: number;
  /** Response tokens, after a prompt of one token. */
  tokens: number;
}

export interface Workload<S = Shape> {
  shape: S;
  config: ModelConfig;
  /** The flat buffer, as our engine stores it. */
  flat: Float32Array;
  /** The same weights by Hugging Face name, [out, in]. */
  weights: ReadonlyMap<string, { shape: readonly number[]; values: Float32Array }>;
  /** [B][T + 1] token ids: the prompt, then the response. */
  sequences: number[][];
  /** [B] */
  advantages: Float32Array;
}

export const VOCABULARY = 32;
export const CLIP = { low: 0.2, high: 0.28, dual: 3 };
/** Strength of the information-bottleneck term (arXiv 2507.18391). */
export const ALPHA = 0.05;
export const ADAM = {
  learning_rate: 1e-3,
  beta1: 0.9,
  beta2: 0.98,
  eps: 1e-8,
  weight_decay: 0,
  max_grad_norm: 1,
};

/** log-probability at which every token counts as sampled: the uniform policy's. */
export const OLD_LOGP = -Math.log(VOCABULARY);

export const workload = (shape: Shape): Workload =>
  workloadOf(modelConfig(shape.model, VOCABULARY), shape);

export function workloadOf<S extends Omit<Shape, 'model'>>(
  config: ModelConfig,
  shape: S,
): Workload<S> {
  const layout = createLayout(config);
  const flat = initialParameters(layout, 0);
  const random = new Random(1);
  const { sequences: B, tokens } = shape;
  const sequences = Array.from({ length: B }, () =>
    Array.from({ length: tokens + 1 }, () => random.integer(0, VOCABULARY - 1)),
  );
  const weights = new Map(
    layout.tensors.map((spec) => [
      spec.name,
      { shape: spec.shape, values: readTensor(flat, spec) },
    ]),
  );
  const advantages = Float32Array.from({ length: B }, () => random.normal());
  return { shape, config, flat, weights, sequences, advantages };
}
