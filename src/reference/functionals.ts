/**
 * Functionals of one row in float64, with their gradients in the logits as closed forms: the twins of what methods bring
 * as WGSL (src/methods, `row`). Temperature 1; V ids; logits in any order.
 */

import { softmaxRow } from './losses.ts';
import type { Numbers } from './ops.ts';

export interface Functional {
  value: number;
  /** [V] derivative in the logits */
  gradient: Float64Array;
}

const sumOf = (x: Numbers): number => Array.from(x).reduce((a, b) => a + b, 0);

/** (1 − Σ p^q) / (q − 1); Shannon entropy within 1e-6 of q = 1. */
export function tsallisEntropy(logits: Numbers, q: number): Functional {
  const { p, log_p, entropy } = softmaxRow(logits, 0, logits.length);
  if (Math.abs(q - 1) < 1e-6) {
    return { value: entropy, gradient: p.map((x, j) => -x * ((log_p[j] as number) + entropy)) };
  }
  const powers = log_p.map((l) => Math.exp(q * l));
  const sum = sumOf(powers);
  return {
    value: (1 - sum) / (q - 1),
    gradient: powers.map((x, j) => (-q / (q - 1)) * (x - (p[j] as number) * sum)),
  };
}

/** log Σ p^a / (1 − a); Shannon entropy within 1e-6 of a = 1. */
export function renyiEntropy(logits: Numbers, order: number): Functional {
  if (Math.abs(order - 1) < 1e-6) return tsallisEntropy(logits, 1);
  const { p, log_p } = softmaxRow(logits, 0, logits.length);
  const powers = log_p.map((l) => Math.exp(order * l));
  const sum = sumOf(powers);
  return {
    value: Math.log(sum) / (1 - order),
    gradient: powers.map((x, j) => (order / (1 - order)) * (x / sum - (p[j] as number))),
  };
}

/** Ids of the likeliest tokens, for as long as `takes(probability before, own probability)`; equal ones by id. */
export function likeliest(p: Numbers, takes: (before: number, own: number) => boolean): number[] {
  const order = Array.from(p, (_, j) => j).sort((a, b) => (p[b] as number) - (p[a] as number));
  const set: number[] = [];
  let before = 0;
  for (const j of order) {
    if (!takes(before, p[j] as number)) break;
    before += p[j] as number;
    set.push(j);
  }
  return set;
}

/** Entropy of the distribution renormalised on a set of ids, which is a constant to the gradient; 0 of nothing. */
export function truncatedEntropy(logits: Numbers, set: readonly number[]): Functional {
  const gradient = new Float64Array(logits.length);
  if (set.length === 0) return { value: 0, gradient };
  const inside = softmaxRow(
    set.map((j) => logits[j] as number),
    0,
    set.length,
  );
  set.forEach((j, i) => {
    gradient[j] = -(inside.p[i] as number) * ((inside.log_p[i] as number) + inside.entropy);
  });
  return { value: inside.entropy, gradient };
}

/** Σ p² (log p + H): the expectation over tokens of p_a (log p_a + H), the entropy discriminator. */
export function expectedDiscriminator(logits: Numbers): number {
  const { p, log_p, entropy } = softmaxRow(logits, 0, logits.length);
  return sumOf(p.map((x, j) => x * x * ((log_p[j] as number) + entropy)));
}
