// The reference model against PyTorch (Hugging Face's Llama, numbers in test/goldens) and, where
// the goldens are too regular, its backward pass against central differences.

import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type LossBatch, type LossSettings, policyLoss } from '../../src/reference/losses.ts';
import {
  backward,
  type ForwardState,
  forward,
  type ModelConfig,
  nextInSequence,
  type Packed,
  type Params,
  packSequences,
  parameterShapes,
  randomParameters,
} from '../../src/reference/transformer.ts';
import { expectClose } from '../helpers/close.ts';
import { readSafetensors } from '../helpers/safetensors.ts';
import { type AdamWSettings, adamwInit, adamwStep, globalNorm } from './adamw.ts';
import { centralDifferences, dot, randomArray, seededRandom } from './differences.ts';

const goldens = new URL('../goldens/', import.meta.url);

// The safetensors goldens are float64 results rounded to float32, which errs by at most 2^-24 =
// 6e-8 of the value; the JSON goldens are float64 and differ by the order of summation only.
const stored = { rtol: 6e-8, atol: 1e-14 };
const exact = { rtol: 1e-11, atol: 1e-12 };

function load(name: string): Params {
  const tensors = readSafetensors(new URL(`${name}.safetensors`, goldens));
  return new Map([...tensors].map(([key, { data }]) => [key, Float64Array.from(data)]));
}

function expectParamsClose(actual: Params, expected: Params, tolerance: typeof stored): void {
  expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [label, values] of expected) {
    expectClose(actual.get(label) ?? [], values, { ...tolerance, label });
  }
}

describe('goldens', () => {
  const golden = JSON.parse(readFileSync(new URL('model.json', goldens), 'utf8'));
  const config: ModelConfig = golden.config;
  const V = config.vocab;
  const packed = packSequences(golden.tokens);
  const shift = (values: number[][]) => nextInSequence(packed, values.flat());
  let params: Params;
  let state: ForwardState;
  let batch: LossBatch;

  beforeAll(() => {
    params = load('model');
    state = forward(config, params, packed);
    batch = {
      V,
      logits: state.logits,
      action: shift(golden.tokens),
      mask: shift(golden.response_mask),
      sequence: packed.first,
      old_logp: shift(golden.old_logp),
      advantage: shift(golden.advantages),
    };
  });

  const settings = (entropy: LossSettings['entropy'], alpha: number): LossSettings => ({
    eps_low: 0.2,
    eps_high: 0.28,
    dual_clip: 3,
    entropy,
    alpha,
  });

  it('names and shapes are those of the file', () => {
    const tensors = readSafetensors(new URL('model.safetensors', goldens));
    const shapes = [...tensors].map(([name, { shape }]) => [name, shape]);
    expect(parameterShapes(config)).toEqual(shapes);
  });

  it('logits, log-probabilities and entropies', () => {
    expectClose(state.logits, golden.logits.flat(2), exact);
    const { logp, entropy } = policyLoss(batch, settings('none', 0));
    // The golden's position t is ours t − 1; its position 0 holds 0, which shift leaves out.
    const known = (values: Float64Array) =>
      values.filter((_, n) => packed.first[n + 1] === packed.first[n]);
    expectClose(known(logp), known(shift(golden.logp)), exact);
    expectClose(known(entropy), known(shift(golden.entropy)), exact);
  });

  it.each(['none', 'naive', 'ib'] as const)('loss and gradients, entropy term: %s', (mode) => {
    const { alpha, loss, grad_norm } = golden.steps[mode];
    const result = policyLoss(batch, settings(mode, alpha));
    expect(result.loss).toBeCloseTo(loss, 12);
    const grads = backward(config, params, packed, state, result.d_logits);
    expect(globalNorm(grads)).toBeCloseTo(grad_norm, 11);
    expectParamsClose(grads, load(`grads-${mode}`), stored);
  });

  it('AdamW after one and three steps', () => {
    const { d_logits } = policyLoss(batch, settings('ib', golden.steps.ib.alpha));
    const grads = backward(config, params, packed, state, d_logits);
    const adamw: AdamWSettings = {
      lr: 1e-2,
      beta1: 0.9,
      beta2: 0.95,
      eps: 1e-8,
      weight_decay: 0.1,
      max_norm: 1,
    };
    const trained: Params = new Map([...params].map(([name, values]) => [name, values.slice()]));
    const moments = adamwInit(trained);
    for (let step = 1; step <= 3; step++) {
      const norm = adamwStep(trained, grads, moments, adamw);
      expect(norm).toBeCloseTo(golden.steps.ib.grad_norm, 11);
      if (step !== 2) expectParamsClose(trained, load(`adamw-step${step}`), stored);
    }
  });
});

describe('an awkward packed batch', () => {
  // Nothing divides anything: 3 heads of width 10, 11 tokens, sequences of length 1, 2 and 5.
  const config: ModelConfig = {
    vocab: 11,
    d_model: 30,
    layers: 2,
    heads: 3,
    d_ff: 13,
    rope_theta: 10000,
    rms_eps: 1e-5,
  };
  const sequences = [[4], [10, 0], [7, 4, 4, 2, 9]];
  const packed = packSequences(sequences);

  it('is packed as declared, and shifts inside its sequences', () => {
    expect(packed).toEqual({
      token: [4, 10, 0, 7, 4, 4, 2, 9],
      position: [0, 0, 1, 0, 1, 2, 3, 4],
      first: [0, 1, 1, 3, 3, 3, 3, 3],
    } satisfies Packed);
    expect([...nextInSequence(packed, packed.token)]).toEqual([0, 0, 0, 4, 4, 2, 9, 0]);
  });

  it('gives each sequence the logits it has alone', () => {
    const params = randomParameters(config, seededRandom(1));
    const together = forward(config, params, packed).logits;
    const alone = sequences.flatMap((sequence) => [
      ...forward(config, params, packSequences([sequence])).logits,
    ]);
    expect([...together]).toEqual(alone);
  });

  it('has the gradient of central differences in every parameter', () => {
    const random = seededRandom(2);
    const params = randomParameters(config, random);
    const dLogits = randomArray(packed.token.length * config.vocab, random);
    const loss = () => dot(forward(config, params, packed).logits, dLogits);
    const state = forward(config, params, packed);
    const grads = backward(config, params, packed, state, dLogits);
    expect([...grads.keys()].sort()).toEqual([...params.keys()].sort());
    for (const [label, values] of params) {
      // Every element of a small tensor, 12 spread over a large one (two forwards each).
      const stride = Math.max(1, Math.floor(values.length / 12));
      const indices = Array.from(
        { length: Math.ceil(values.length / stride) },
        (_, i) => i * stride,
      );
      const expected = indices.map((i) => centralDifferences(loss, values.subarray(i, i + 1))[0]);
      const actual = indices.map((i) => grads.get(label)?.[i] ?? Number.NaN);
      // A difference with step 1e-5 errs by about 1e-9 of gradients around 1.
      expectClose(actual, expected, { rtol: 1e-6, atol: 1e-7, label });
    }
  });
});
