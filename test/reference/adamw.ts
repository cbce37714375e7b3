// AdamW with clipping by the global norm, as torch.optim.AdamW and clip_grad_norm_ do it, float64.

import type { Params } from '../../src/reference/transformer.ts';

export interface AdamWSettings {
  lr: number;
  beta1: number;
  beta2: number;
  eps: number;
  weight_decay: number; // decoupled, on every tensor
  max_norm: number; // Infinity switches clipping off
}

export interface AdamWState {
  step: number;
  m: Params; // first moments
  v: Params; // second moments
}

export function adamwInit(params: Params): AdamWState {
  const zeros = () =>
    new Map([...params].map(([name, values]) => [name, new Float64Array(values.length)]));
  return { step: 0, m: zeros(), v: zeros() };
}

/** Square root of the sum of squares over all tensors. */
export function globalNorm(grads: Params): number {
  let sum = 0;
  for (const values of grads.values()) for (const value of values) sum += value ** 2;
  return Math.sqrt(sum);
}

/** min(1, maxNorm / (norm + 1e-6)). */
export function clipCoefficient(norm: number, maxNorm: number): number {
  return Math.min(1, maxNorm / (norm + 1e-6));
}

/** One step; changes `params` and `state`, leaves `grads`. Returns the norm before clipping. */
export function adamwStep(
  params: Params,
  grads: Params,
  state: AdamWState,
  { lr, beta1, beta2, eps, weight_decay, max_norm }: AdamWSettings,
): number {
  const norm = globalNorm(grads);
  const coefficient = clipCoefficient(norm, max_norm);
  state.step += 1;
  const correction1 = 1 - beta1 ** state.step;
  const correction2 = 1 - beta2 ** state.step;
  for (const [name, values] of params) {
    const grad = grads.get(name);
    const m = state.m.get(name);
    const v = state.v.get(name);
    if (!grad || !m || !v) throw new Error(`adamwStep: no gradient or moments for ${name}`);
    for (let i = 0; i < values.length; i++) {
      const g = coefficient * grad[i];
      m[i] = beta1 * m[i] + (1 - beta1) * g;
      v[i] = beta2 * v[i] + (1 - beta2) * g ** 2;
      const denominator = Math.sqrt(v[i] / correction2) + eps;
      values[i] = values[i] * (1 - lr * weight_decay) - (lr * (m[i] / correction1)) / denominator;
    }
  }
  return norm;
}
