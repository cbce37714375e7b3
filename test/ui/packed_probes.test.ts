// Answers to the fixed prompts, packed: what comes back of each number, and of each distribution.
import { expect, test } from 'vitest';
import { entropyOf } from '../../src/core/information.ts';
import type { ProbeSample } from '../../src/core/inspection.ts';
import { gumbel } from '../../src/core/random.ts';
import { PackedProbes, withProbes } from '../../src/ui/packed_probes.ts';

const V = 13;
/** Off by half a step of 16 bits in the square root, where the probability is 1. */
const ROUNDED = 1.6e-5;

/** Distributions from near certain to near uniform. */
function distributions(positions: number, seed: number): Float32Array {
  const logits = Array.from({ length: positions * V }, (_, i) => gumbel(seed, i));
  return Float32Array.from({ length: positions * V }, (_, i) => {
    const at = Math.floor(i / V);
    const row = logits.slice(at * V, (at + 1) * V).map((z) => Math.exp(z * 2 ** (at - 1)));
    return row[i % V] / row.reduce((a, b) => a + b, 0);
  });
}

function sample(length: number, positions: number, seed: number): ProbeSample {
  const column = (by: number) => Array.from({ length }, (_, t) => Math.fround((t + seed) * by));
  return {
    ...{
      prompt: [1, 2, seed],
      answer: `${seed}`,
      context: Array.from({ length: positions }, (_, t) => t),
    },
    ...{
      tokens: Array.from({ length }, (_, t) => t % V),
      logp: column(-0.1),
      entropy: column(0.3),
    },
    ...{ p_eos: column(0.01), correct: seed % 2 === 0, reason: 'because' },
    probabilities: distributions(positions, seed),
  };
}

const samples = [sample(4, 5, 1), sample(1, 1, 2), sample(0, 3, 3), sample(7, 6, 4)];
const evaluation = { arm: 'ib', seed: 0, step: 10, samples };

test('numbers come back as measured, probabilities as 16 bits keep them', () => {
  const { samples: back, ...rest } = new PackedProbes(evaluation).unpacked();
  expect(rest).toEqual({ arm: 'ib', seed: 0, step: 10 });
  expect(back).toHaveLength(samples.length);
  back.forEach(({ probabilities, ...numbers }, i) => {
    const { probabilities: measured, ...expected } = samples[i];
    expect(numbers).toEqual(expected);
    expect(probabilities).toHaveLength(measured.length);
    measured.forEach((p, k) => {
      expect(Math.abs(probabilities[k] - p)).toBeLessThanOrEqual(ROUNDED);
    });
  });
});

test('what was packed once is packed the same again', () => {
  const once = new PackedProbes(evaluation);
  expect(new PackedProbes(once.unpacked())).toEqual(once);
});

test('a position’s distribution is that of its sample; past the context there is none', () => {
  const [earlier, packed] = withProbes(withProbes([], { ...evaluation, step: 0 }), evaluation);
  expect(earlier.step).toBe(0);
  samples.forEach(({ context, probabilities }, i) => {
    context.forEach((_, t) => {
      const row = packed.distribution(i, t);
      const measured = probabilities.slice(t * V, (t + 1) * V);
      expect(row).toEqual(packed.sample(i)?.probabilities.slice(t * V, (t + 1) * V));
      // 13 shares, each off by 1.6e-5 times |log p| + 1 at most, and by less the smaller it is.
      expect(Math.abs(entropyOf(row) - entropyOf(measured))).toBeLessThan(2e-4);
    });
    expect(packed.distribution(i, context.length)).toHaveLength(0);
  });
  expect(packed.distribution(samples.length, 0)).toHaveLength(0);
});
