/**
 * Estimators of the information plane. Pure; nats throughout. A response r answers a prompt q; a is the answer.
 *
 *   I(r; a) = H(a) − E[H(a | r)]     H(a) of the mean answer distribution
 *   I(q; r) = H(r) − H(r | q)        H(r) by scoring each response under several prompts
 */

/** Entropy in nats; 0 log 0 = 0. */
export function entropyOf(distribution: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < distribution.length; k++) {
    const p = distribution[k] as number;
    if (p > 0) sum -= p * Math.log(p);
  }
  return sum;
}

export interface AnswerInformation {
  /** H(a), at most log K */
  answer: number;
  /** E[H(a | r)] */
  given: number;
  /** I(r; a) = H(a) − E[H(a | r)], at least 0 */
  information: number;
}

/** @param distributions one of K answers for each response, each summing to 1 */
export function answerInformation(distributions: readonly ArrayLike<number>[]): AnswerInformation {
  const K = distributions[0]?.length ?? 0;
  const mean = new Float64Array(K);
  let given = 0;
  for (const p of distributions) {
    for (let k = 0; k < K; k++)
      mean[k] = (mean[k] as number) + (p[k] as number) / distributions.length;
    given += entropyOf(p) / distributions.length;
  }
  const answer = entropyOf(mean);
  return { answer, given, information: answer - given };
}

export interface PromptInformation {
  /** Estimate of H(r), the entropy of responses over all prompts */
  responses: number;
  /** H(r | q) = −E[log p(r | q)] */
  given: number;
  /** I(q; r), between 0 in expectation and `limit` */
  information: number;
  /** log M: no estimate with M prompts can exceed it */
  limit: number;
}

/**
 * H(r) ≈ −mean log (1/M Σ_j p(r | q_j)) over M prompts, the response's own among them. With the own prompt in the sum
 * the mixture is too likely for the response, so that I(q; r) is estimated too low, and at most log M: the InfoNCE bound
 * (van den Oord et al., arXiv 1807.03748; Poole et al., arXiv 1905.06922). More prompts lower the bias.
 *
 * @param scores for each response log p(r | q_j) in nats of M prompts, that of its own prompt first
 */
export function promptInformation(scores: readonly ArrayLike<number>[]): PromptInformation {
  const M = scores[0]?.length ?? 0;
  let mixture = 0;
  let own = 0;
  for (const list of scores) {
    const all = Array.from(list);
    const top = Math.max(...all);
    const sum = all.reduce((total, x) => total + Math.exp(x - top), 0);
    mixture += (top + Math.log(sum / M)) / scores.length;
    own += (all[0] as number) / scores.length;
  }
  return { responses: -mixture, given: -own, information: own - mixture, limit: Math.log(M) };
}
