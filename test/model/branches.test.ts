// Questions after many prefixes in one pass: the same numbers as a forward pass of its own for each.
import { describe, expect, it } from 'vitest';
import { packBatch } from '../../src/model/batch.ts';
import { type Branched, packBranches } from '../../src/model/branches.ts';
import { currentStats } from '../../src/model/current.ts';
import { Engine } from '../../src/model/engine.ts';
import { initialParameters } from '../../src/model/init.ts';
import { expectClose } from '../helpers/close.ts';
import { device } from '../helpers/dawn.ts';

// Three heads of width 10, odd vocabulary and MLP: nothing divides a tile.
const config = {
  ...{ n_layer: 2, n_embd: 30, n_head: 3, d_ff: 13, vocab_size: 11 },
  ...{ rope_theta: 100, rms_eps: 1e-5 },
};
const sizes = { rows: 24, sequences: 8, response: 12, positions: 20, splits: 2 };
const engine = await Engine.create(device, config, 10, sizes);
// Larger weights than a fresh model's: distributions far from uniform, attention that matters.
const policy = engine.createPolicy(
  initialParameters(engine.layout, 3).map((x) => (x === 1 ? 1 : 8 * x)),
);

const MARK = 9;
/** After none, some and all of the response; sequences of one token; none asked; the same prefix twice. */
const sequences: Branched[] = [
  ask([1, 2, 3], [4, 5, 6, 7], [0, 1, 2, 3, 4]),
  ask([5], [], [0]),
  ask([6, 0, 2, 8], [1, 1, 3], []),
  ask([3], [7, 2, 0, 5, 1, 8, 4], [7, 0, 3, 3]),
  ask([2, 4, 4, 1, 0, 3, 8, 8, 7, 5], [6, 1], [1, 2]),
];

function ask(prompt: number[], response: number[], at: number[]): Branched {
  const questions = at.map((after, k) => ({ after, forced: MARK, action: (3 * k + after) % 11 }));
  return { prompt, response, questions };
}

/** Each question as a sequence of its own, whose last row is the forced token. */
async function naive(temperature: number) {
  const logp: number[] = [];
  const entropy: number[] = [];
  for (const { prompt, response, questions } of sequences) {
    for (const { after, forced, action } of questions) {
      const before = [...Array.from(prompt), ...Array.from(response).slice(0, after), forced];
      const alone = packBatch([
        { prompt: before, response: [action], weight: 1, advantage: 0, old_logp: [0] },
      ]);
      const stats = await currentStats(engine, policy, [alone], temperature);
      logp.push(stats.logp[0] as number);
      entropy.push(stats.entropy[0] as number);
    }
  }
  return { logp, entropy };
}

describe('branches', () => {
  it.each([1, 0.7])('equal a forward pass for each question at temperature %f', async (T) => {
    const parts = packBranches(sequences, sizes.rows);
    // The capacity is smaller than the whole, so that cutting is tested, too.
    expect(parts.length).toBeGreaterThan(1);
    const [branched, alone] = [await currentStats(engine, policy, parts, T), await naive(T)];
    // The same sums over the same numbers in the same order; 1e-5 leaves room for fused multiply-adds.
    expectClose(branched.logp, alone.logp, { atol: 1e-5, rtol: 1e-5 });
    expectClose(branched.entropy, alone.entropy, { atol: 1e-5, rtol: 1e-5 });
    // The questions are not all alike.
    expect(new Set(alone.entropy.map((x) => x.toFixed(3))).size).toBeGreaterThan(8);
  });

  it('refuses a question after the end, and a sequence that cannot fit', () => {
    expect(() => packBranches([ask([1], [2], [2])], 48)).toThrow(/at most 1 tokens, got 2/);
    expect(() => packBranches([ask([1], [2, 3], [0, 1])], 3)).toThrow(/fit 3 rows, got 4/);
  });
});
