// The value head in float64: v = w · y + b on the last norm's output, PPO's clipped value loss as verl computes it
// (compute_value_loss, core_algos.py at 1dda039b), and its gradients. Old values, targets and weights are constants.
//
//   N rows   C channels

import type { Numbers } from './ops.ts';
import { clamp } from './policies.ts';

export interface ValueHead {
  weight: Numbers; // [C]
  bias: number;
}

export function valueForward(
  y: Numbers, // [N, C]
  { weight, bias }: ValueHead,
  N: number,
): Float64Array /* [N] */ {
  const C = weight.length;
  return Float64Array.from({ length: N }, (_, n) => {
    let sum = bias;
    for (let c = 0; c < C; c++) sum += y[n * C + c] * weight[c];
    return sum;
  });
}

export interface ValueBatch {
  value: Numbers; // [N]
  old: Numbers; // [N] when it was sampled
  target: Numbers; // [N]
  weight: Numbers; // [N] of the aggregate; 0 on rows without a response token
}

export interface ValueLoss {
  loss: number; // aggregated
  held: boolean[]; // [N] rows with weight that the clip holds
  d_value: Float64Array; // [N] derivative of `loss`
}

/** Σ weight · ½ max((v − target)², (clip(v, old ± range) − target)²) */
export function valueLoss({ value, old, target, weight }: ValueBatch, range: number): ValueLoss {
  const N = weight.length;
  const out: ValueLoss = { loss: 0, held: [], d_value: new Float64Array(N) };
  for (let n = 0; n < N; n++) {
    const free = value[n] - target[n];
    const bound = clamp(value[n], old[n] - range, old[n] + range) - target[n];
    const held = weight[n] !== 0 && bound ** 2 > free ** 2;
    out.held.push(held);
    if (weight[n] === 0) continue;
    out.loss += weight[n] * 0.5 * Math.max(free ** 2, bound ** 2);
    out.d_value[n] = held ? 0 : weight[n] * free;
  }
  return out;
}

/** Gradients from that in the values: in the head, and in what it reads. */
export function valueBackward(
  d_value: Numbers, // [N]
  y: Numbers, // [N, C]
  { weight }: ValueHead,
): { d_y: Float64Array; d_weight: Float64Array; d_bias: number } {
  const C = weight.length;
  const d_y = Float64Array.from({ length: d_value.length * C }, (_, i) => {
    return d_value[Math.floor(i / C)] * weight[i % C];
  });
  const d_weight = new Float64Array(C);
  let d_bias = 0;
  for (let n = 0; n < d_value.length; n++) {
    d_bias += d_value[n];
    for (let c = 0; c < C; c++) d_weight[c] += d_value[n] * y[n * C + c];
  }
  return { d_y, d_weight, d_bias };
}
