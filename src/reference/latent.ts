// Latent positions (LEPO, arXiv 2604.17892) in float64: how a mixture of tokens is made, and the
// loss of the row that predicts it with its gradient in the logits.
//
//   V vocabulary

import { gumbel } from '../core/random.ts';
import { likeliest } from './functionals.ts';
import { softmaxRow } from './losses.ts';
import type { Numbers } from './ops.ts';

export interface MixtureSettings {
  /** Of the logits; 0 takes them as they are, without noise. */
  temperature: number;
  tau: number;
  top_k: number; // 0: all
  top_p: number; // 1: all
  noise: boolean;
}

/** Ids that are mixed: the top_k likeliest, of those as many as it takes to reach top_p. */
export function keptTokens(p: Numbers, { top_k, top_p }: MixtureSettings): number[] {
  const most = top_k === 0 ? p.length : top_k;
  let rank = 0;
  const first = likeliest(p, () => rank++ < most);
  const within = first.reduce((sum, v) => sum + p[v], 0);
  return top_p >= 1
    ? first
    : likeliest(p, (before) => before < top_p * within).slice(0, first.length);
}

/**
 * y = softmax over the kept of (log p + g) / tau, 0 elsewhere.
 * @param counter of the noise, without the token's id: seed, stream, step, sequence, position
 */
export function sampleMixture(
  logits: Numbers, // [V]
  settings: MixtureSettings,
  counter: readonly number[],
): Float64Array /* [V] */ {
  const V = logits.length;
  const { temperature, tau, noise } = settings;
  const { p, log_p } = softmaxRow(logits, 0, V, temperature || 1);
  const isNoisy = noise && temperature > 0;
  const kept = keptTokens(p, settings);
  const scores = kept.map((v) => (log_p[v] + (isNoisy ? gumbel(...counter, v) : 0)) / tau);
  const shares = softmaxRow(scores, 0, scores.length).p;
  const y = new Float64Array(V);
  kept.forEach((v, i) => {
    y[v] = shares[i];
  });
  return y;
}

/** −A Σ_k y_k log p_k: no ratio, no clip; y is a constant. d_logits = A (p_j Σ_k y_k − y_j) / T. */
export function latentLoss(
  logits: Numbers, // [V]
  mixture: Numbers, // [V]
  advantage: number,
  temperature = 1,
): { loss: number; logp: number; d_logits: Float64Array } {
  const { p, log_p } = softmaxRow(logits, 0, logits.length, temperature);
  let logp = 0;
  let shares = 0;
  for (let v = 0; v < logits.length; v++) {
    logp += mixture[v] * log_p[v];
    shares += mixture[v];
  }
  const d_logits = p.map((x, v) => (advantage * (x * shares - mixture[v])) / temperature);
  return { loss: -advantage * logp, logp, d_logits };
}
