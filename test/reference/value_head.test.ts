// The value head's twin: its loss against verl's numbers, and the gradient of the whole loss, policy and value joined
// in one trunk, against central differences.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { policyLoss } from '../../src/reference/losses.ts';
import {
  backward,
  forward,
  packSequences,
  randomParameters,
} from '../../src/reference/transformer.ts';
import { valueBackward, valueForward, valueLoss } from '../../src/reference/value_head.ts';
import { expectClose } from '../helpers/close.ts';
import { centralDifferences, randomArray, seededRandom } from './differences.ts';

describe('value loss', () => {
  it('is verl’s, with its gradient', () => {
    const file = new URL('../goldens/value.json', import.meta.url);
    const { cliprange, vpreds, values, returns, mask, loss, clipfrac, dvpreds } = JSON.parse(
      readFileSync(file, 'utf8'),
    );
    const tokens = mask.flat().reduce((a: number, b: number) => a + b, 0);
    const weight = mask.flat().map((m: number) => m / tokens);
    const batch = { value: vpreds.flat(), old: values.flat(), target: returns.flat(), weight };
    const result = valueLoss(batch, cliprange);
    // verl adds 1e-8 to the number of tokens it divides by.
    expectClose([result.loss], [loss], { rtol: 1e-8 });
    expectClose([result.held.filter(Boolean).length / tokens], [clipfrac], { rtol: 1e-8 });
    expectClose(result.d_value, dvpreds.flat(), { rtol: 1e-8, atol: 1e-12 });
  });

  it.each([
    [0.9, 0.2, 0.3, 0.18],
    [0.9, 0.2, 1, 0.045],
    [0.5, 0.2, 1, 0.125],
  ])('value %d, was %d, target %d', (value, old, target, loss) => {
    const batch = { value: [value], old: [old], target: [target], weight: [1] };
    expectClose([valueLoss(batch, 0.5).loss], [loss], { rtol: 1e-12 });
  });
});

describe('the whole gradient', () => {
  const config = {
    ...{ vocab: 7, d_model: 6, layers: 2, heads: 1, d_ff: 5 },
    ...{ rope_theta: 100, rms_eps: 1e-5 },
  };
  const random = seededRandom(3);
  const params = randomParameters(config, random, 0.5);
  const head = { weight: randomArray(6, random), bias: 0.3 };
  const bias = Float64Array.of(head.bias);
  const packed = packSequences([[1, 4, 2, 5], [3], [6, 0]]);
  const N = packed.token.length;
  const mask = [0, 1, 1, 1, 1, 0, 1];
  const batch = {
    ...{ V: 7, action: [4, 2, 5, 0, 1, 0, 3], mask, sequence: packed.first },
    old_logp: randomArray(N, random).map((x) => x - 2),
    advantage: randomArray(N, random),
  };
  const old = randomArray(N, random);
  const target = randomArray(N, random);
  const weight = mask.map((m) => m / 5);
  const [coefficient, range] = [0.7, 0.1];
  const both = () => {
    const state = forward(config, params, packed);
    const policy = policyLoss(
      { ...batch, logits: state.logits },
      { eps_low: 0.2, eps_high: 0.28, dual_clip: 3 },
    );
    const value = valueForward(state.norm, { ...head, bias: bias[0] }, N);
    return { state, policy, value: valueLoss({ value, old, target, weight }, range) };
  };
  const total = () => {
    const { policy, value } = both();
    return policy.loss + coefficient * value.loss;
  };

  const { state, policy, value } = both();
  const d_value = value.d_value.map((x) => coefficient * x);
  const { d_y, d_weight, d_bias } = valueBackward(d_value, state.norm, head);
  const grads = backward(config, params, packed, state, policy.d_logits, d_y);

  it('has rows that the clip holds and rows that it does not', () => {
    expect(new Set(value.held.filter((_, n) => mask[n] === 1)).size).toBe(2);
  });

  it.each([...params.keys()])('%s', (name) => {
    const differences = centralDifferences(total, params.get(name) as Float64Array);
    expectClose(grads.get(name) ?? [], differences, { rtol: 1e-6, atol: 1e-9 });
  });

  it('of the head', () => {
    const weights = head.weight as Float64Array;
    expectClose(d_weight, centralDifferences(total, weights), { rtol: 1e-7, atol: 1e-10 });
    expectClose([d_bias], centralDifferences(total, bias), { rtol: 1e-7, atol: 1e-10 });
  });
});
