// IAPO on the numbers of its released functions, and what a token tells about the answer.
import { describe, expect, it } from 'vitest';
import { entropyGains, logpGains } from '../../src/core/gains.ts';
import { tokenBatch } from '../../src/core/token_batch.ts';
import { normalized } from '../../src/methods/iapo.ts';
import { expectClose } from '../helpers/close.ts';
import { numbers } from './fixture.ts';

const E = [1.2, 1, 0.4, 0.9, 0.1];

/** A response of five tokens of reasoning, and one that closes after two; advantages 0. */
const batch = tokenBatch([5, 4], {
  reward: Float64Array.of(1, -1),
  old_entropy: Float32Array.of(0.5, 1.5, 0.2, 0.9, 0.4, 1, 0.25, 0.5, 0.75),
  answer_entropy: Float32Array.of(...E, 2, 0.5, 0.25, -1),
  answer_logp: Float32Array.of(-2, -1, -1.5, -0.5, -0.25, -3, -1, -0.5, 1),
});
const off = { w_gain: 0, w_confidence: 0 };

describe('gains', () => {
  it('entropy that a token takes off the answer; 0 at the last reading', () => {
    expectClose(entropyGains(batch), [0.2, 0.6, -0.5, 0.8, 0, 1.5, 0.25, 0, 0]);
  });
  it('log-probability that a token adds to the right answer', () => {
    expectClose(logpGains(batch), [1, -0.5, 1, 0.25, 0, 2, 0.5, 0, 0]);
  });
});

describe('IAPO', () => {
  const smoothed = [-0.4, 0.7, -0.2, 0.55, 0.5];
  const meant = [-0.637046, 0.475257, -0.43481, 0.323579, 0.27302];
  const released = [-0.772431, 0.209686, -0.593864, 0.075761, 0.03112];

  it('scales as meant and as released', () => {
    expectClose(normalized(smoothed, false), meant, { rtol: 0, atol: 1e-6 });
    expectClose(normalized(smoothed, true), released, { rtol: 0, atol: 1e-6 });
  });

  it('credits the smoothed gains', () => {
    const pay = (norm: number) =>
      numbers('iapo', { ...off, w_gain: 2, gain: 1, norm }, batch).slice(0, 5);
    expectClose(
      pay(0),
      meant.map((x) => 2 * x),
      { rtol: 0, atol: 2e-6 },
    );
    expectClose(
      pay(1),
      released.map((x) => 2 * x),
      { rtol: 0, atol: 2e-6 },
    );
  });

  it('credits the plain gains, and those of the right answer', () => {
    const [plain, right] = [0, 2].map((gain) =>
      numbers('iapo', { ...off, w_gain: 1, gain }, batch).slice(5),
    );
    expectClose(plain, normalized([1.5, 0.25, 0, 0], false), { rtol: 0, atol: 1e-6 });
    expectClose(right, normalized([2, 0.5, 0, 0], false), { rtol: 0, atol: 1e-6 });
    expect(plain[0]).toBeGreaterThan(0.8);
  });

  it('charges uncertainty where the reward is above 0, pays it where below, leaves it at 0', () => {
    const result = numbers('iapo', { ...off, w_confidence: 1 }, batch);
    const scaled = [
      normalized([0.5, 1.5, 0.2, 0.9, 0.4], false),
      normalized([1, 0.25, 0.5, 0.75], false),
    ];
    const expected = [...scaled[0].map((x) => -x), ...scaled[1]];
    expectClose(result, expected, { rtol: 0, atol: 1e-6 });
    const unpaid = { ...batch, reward: Float64Array.of(0, 0) };
    expect(numbers('iapo', { ...off, w_confidence: 1 }, unpaid).every((x) => x === 0)).toBe(true);
  });
});
