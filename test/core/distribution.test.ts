// The entropy calculus of one distribution, against numbers that were computed independently.
import { expect, test } from 'vitest';
import {
  centredDiscriminator,
  entropyOf,
  logSoftmax,
  overlap,
} from '../../src/core/distribution.ts';
import { covariance } from '../../src/core/statistics.ts';
import { expectClose } from '../helpers/close.ts';

/** Golden numbers of one distribution, given to six digits. */
const LOGITS = [2, 1, 0, -1];
const REFERENCE = [1.5, 1.2, 0.1, -0.5];
const SIX = { atol: 6e-7, rtol: 0 };

test('probabilities, entropy and overlap with another distribution', () => {
  const logp = logSoftmax(LOGITS);
  expectClose(logp.map(Math.exp), [0.643914, 0.236883, 0.087144, 0.032059], SIX);
  expectClose([entropyOf(logp), overlap(logp, logSoftmax(REFERENCE))], [0.947537, 0.827173], SIX);
  expectClose([overlap(logp, logp)], [1], { atol: 1e-12 });
});

test('a temperature divides the logits, and a huge one does not overflow', () => {
  expectClose(logSoftmax([4, 2, 0, -2], 2), logSoftmax(LOGITS), { atol: 1e-12 });
  expect([...logSoftmax([1e4, 0])]).toEqual([0, -1e4]);
  expect(entropyOf(logSoftmax([1e4, 0]))).toBeCloseTo(0, 12);
});

test('the centred discriminator of each token', () => {
  const logp = logSoftmax(LOGITS);
  const centred = [0, 1, 2, 3].map((taken) => centredDiscriminator(logp, taken));
  expectClose(centred, [0.157871, -0.285518, -0.298894, -0.248728], SIX);
});

test('it is the change of entropy by one small step on a token', () => {
  const eta = 1e-5;
  const logp = logSoftmax(LOGITS);
  for (const taken of [0, 1, 2, 3]) {
    const moved = (sign: number) =>
      entropyOf(
        logSoftmax(
          LOGITS.map(
            (z, j) => z + sign * eta * (Number(j === taken) - Math.exp(logp[j] as number)),
          ),
        ),
      );
    const slope = (moved(1) - moved(-1)) / (2 * eta);
    expectClose([slope], [-centredDiscriminator(logp, taken)], { rtol: 1e-6 });
  }
});

test('covariance divides by n', () => {
  expect(covariance([1, 2, 3], [2, 4, 9])).toBeCloseTo(7 / 3, 12);
  expect(covariance([1, 1], [5, 7])).toBe(0);
});
