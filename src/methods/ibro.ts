/**
 * The token-level surrogate before IB replaces its weight by the advantage: λ_t H_t with λ_t = β H_t^a / H_t − 1, where H_t^a
 * is the entropy of the same token for a model that knows the right answer. The paper does not say how to estimate it; here
 * the prompt tells the answer, so the base has to have seen such hints.
 */
import { hintRatios } from '../core/hint_ratio.ts';
import { defineMethod } from './method.ts';

export default defineMethod({
  id: 'ibro',
  label: 'IBRO (hinted)',
  stage: 'regularizer',
  summary:
    'Pays a token for uncertainty that the right answer would settle, and charges it for uncertainty that is left when the answer is known. Each response is scored a second time with the answer told in its prompt.',
  pitfalls:
    'IB regularization stands on λ ≈ −A, which no source has checked; the plot of λ against −A checks it on your run. A token that the answer settles gets a bonus, not a penalty: the reverse sign is a common slip. Taken literally, a response does not depend on an answer that the prompt determines; only a model that reads hints makes the ratio tell anything.',
  seen: 'On 3 seeds, 32 steps of 8 × 8, against the same without it (95 % interval): entropy −0.018 ± 0.013 nats. Expected: uncertainty that the answer leaves open is charged, entropy falls faster; seen.',
  formula: String.raw`c\,\lambda_t H_t,\quad \lambda_t = \beta\,\operatorname{clip}\Bigl(\tfrac{H^a_t}{H_t}, 0, 1\Bigr) - 1,\quad H^a_t = H\bigl(\pi(\cdot \mid s_t, a)\bigr)`,
  paper: {
    title: 'Revisiting LLM Reasoning via Information Bottleneck',
    authors: 'Lei, Cheng, Jia, Tao',
    year: 2025,
    url: 'https://arxiv.org/abs/2507.18391',
  },
  fidelity: 'style',
  needs: ['hint_entropy'],
  strength: 'c',
  params: {
    c: {
      kind: 'number',
      label: 'c',
      default: 0.1,
      min: 0,
      max: 1,
      scale: 'log',
      unit: '1/nat',
      help: 'Loss per nat of entropy at λ = 1. It stands where α stands in IB, which the paper sets to 0.005 for large models; equal numbers are not equal pressure.',
    },
    beta: {
      kind: 'number',
      label: 'β',
      default: 2,
      min: 0.5,
      max: 8,
      help: 'How much telling the answer counts against keeping little of the prompt. At 2, λ runs from −1 (the answer settles the token) to 1 (it says nothing about it); at more, fewer tokens are paid.',
      warns: [
        {
          to: 1.999,
          text: 'The bound of the paper holds for β of at least 2, where what a response tells of the answer outweighs what it keeps of the prompt. Below 2 tokens of which the answer settles less than half are paid, too; up to 1, λ is never above 0, and this is an entropy bonus on every token.',
        },
      ],
    },
  },
  neutral: { c: 0 },

  /** λ of each token, of the policy that sampled it. */
  constants(batch, values) {
    const beta = values['ibro.beta'] as number;
    return hintRatios(batch).map((kappa) => beta * kappa - 1);
  },
  wgsl: /* wgsl */ `
    fn ibro(t: Token, lambda: f32) -> Term {
      let weight = params.ibro_c * lambda;
      return Term(weight * t.entropy, 0.0, weight, 0.0);
    }`,
});
