// Questions after many prefixes in one pass, of sequences that share a prompt among them: the same numbers as a forward
// pass of its own for each.
import { describe, expect, it } from 'vitest';
import { packBatch } from '../../src/model/batch.ts';
import { type Branched, packBranches } from '../../src/model/branches.ts';
import { currentStats } from '../../src/model/current.ts';
import { Engine } from '../../src/model/engine.ts';
import { initialParameters } from '../../src/model/init.ts';
import { canRun, type TileId } from '../../src/model/tiles.ts';
import { expectClose } from '../helpers/close.ts';
import { device } from '../helpers/dawn.ts';

// Three heads of width 10, odd vocabulary and MLP: nothing divides a tile.
const config = {
  ...{ n_layer: 2, n_embd: 30, n_head: 3, d_ff: 13, vocab_size: 11 },
  ...{ rope_theta: 100, rms_eps: 1e-5 },
};
const sizes = { rows: 40, sequences: 8, response: 12, positions: 20, splits: 2, latent: 2 };
async function open(tile: TileId) {
  const engine = await Engine.create(device, config, 10, { ...sizes, tile });
  // Larger weights than a fresh model's: distributions far from uniform, attention that matters.
  const parameters = initialParameters(engine.layout, 3).map((x) => (x === 1 ? 1 : 8 * x));
  return { engine, policy: engine.createPolicy(parameters) };
}
type Opened = Awaited<ReturnType<typeof open>>;
const hasQuads = await canRun(device, 'quad');
const engines: [TileId, Opened][] = [
  ['alone', await open('alone')],
  ...(hasQuads ? [['quad', await open('quad')] as [TileId, Opened]] : []),
];

const MARK = 9;
const SHARED = [4, 4, 1, 0, 3, 8];
/**
 * After none, some and all of the response; sequences of one token; none asked; the same prefix twice; prompts that some
 * share, of one token too; one that begins with mixtures among them.
 */
const sequences: Branched[] = [
  ask([1, 2, 3], [4, 5, 6, 7], [0, 1, 2, 3, 4]),
  ask([5], [], [0]),
  ask([6, 0, 2, 8], [1, 1, 3], []),
  ask([3], [7, 2, 0, 5, 1, 8, 4], [7, 0, 3, 3]),
  ask([2, 4, 4, 1, 0, 3, 8, 8, 7, 5], [6, 1], [1, 2]),
  ask(SHARED, [6, 1, 1], [0, 1, 2, 3]),
  ask(SHARED, [2], [0]),
  ask(SHARED, [0, 7, 3, 5], []),
  { ...ask(SHARED, [3, 1, 8], [3, 1, 0, 2]), mixtures: [mixture(2), mixture(5)] },
  ask(SHARED, [5, 5, 2, 1], [4, 2]),
  ask([...SHARED.slice(0, 5), 7], [5, 5], [0, 2]),
  ask([7], [5, 2], [2]),
  ask([7], [3, 3], [1]),
];

/** [V] shares of a token and its neighbors. */
function mixture(token: number): number[] {
  const shares = Array<number>(11).fill(0);
  shares[token] = 0.5;
  shares[token + 1] = 0.3;
  shares[token - 1] = 0.2;
  return shares;
}

function ask(prompt: number[], response: number[], at: number[]): Branched {
  const questions = at.map((after, k) => ({ after, forced: MARK, action: (3 * k + after) % 11 }));
  return { prompt, response, questions };
}

/** Each question as a sequence of its own, whose last row is the forced token. */
async function naive({ engine, policy }: Opened, temperature: number) {
  const logp: number[] = [];
  const entropy: number[] = [];
  for (const { prompt, response, questions, mixtures = [] } of sequences) {
    for (const { after, forced, action } of questions) {
      const written = [...Array.from(response).slice(0, after), forced, action];
      const plain = { weight: 1, advantage: 0, old_logp: Array<number>(written.length).fill(0) };
      const own = mixtures.slice(0, after);
      const alone = packBatch([
        { ...plain, prompt, response: written, ...(own.length > 0 && { mixtures: own }) },
      ]);
      const stats = await currentStats(engine, policy, [alone], temperature);
      logp.push(stats.logp.at(-1) as number);
      entropy.push(stats.entropy.at(-1) as number);
    }
  }
  return { logp, entropy };
}

describe.each(engines)('branches, loaded %s', (_, opened) => {
  it.each([1, 0.7])('equal a forward pass for each question at temperature %f', async (T) => {
    const { engine, policy } = opened;
    const parts = packBranches(sequences, sizes.rows);
    // The capacity is smaller than the whole, so that cutting is tested, too.
    expect(parts.length).toBeGreaterThan(1);
    const [branched, alone] = [
      await currentStats(engine, policy, parts, T),
      await naive(opened, T),
    ];
    // The same sums over the same numbers, in another order where a prompt is shared.
    expectClose(branched.logp, alone.logp, { atol: 1e-5, rtol: 1e-5 });
    expectClose(branched.entropy, alone.entropy, { atol: 1e-5, rtol: 1e-5 });
    // The questions are not all alike.
    expect(new Set(alone.entropy.map((x) => x.toFixed(3))).size).toBeGreaterThan(8);
  });

  it('hold the rows of a prompt once for all neighbors that have it', () => {
    const rowsOf = (of: Branched[]) =>
      packBranches(of, 200).map(({ N }) => N) as [number, ...number[]];
    const shared = sequences.slice(5, 10);
    const [alone] = [shared.map((s) => rowsOf([s])[0]).reduce((a, b) => a + b)];
    // Five of all rows but the last, once.
    expect(rowsOf(shared)).toEqual([alone - 4 * (SHARED.length - 1)]);
    // Neither a prompt that differs in its end nor one of one token has a row to share.
    const others = sequences.slice(10, 13);
    const apart = others.map((s) => rowsOf([s])[0]).reduce((a, b) => a + b);
    expect(rowsOf(others)).toEqual([apart]);
    // Cut where the next one does not fit, each part with a prompt of its own.
    for (const { N } of packBranches(shared, 20)) expect(N).toBeLessThanOrEqual(20);
    expect(packBranches(shared, 20).length).toBeGreaterThan(1);
  });

  it('refuses a question after the end, and a sequence that cannot fit', () => {
    expect(() => packBranches([ask([1], [2], [2])], 48)).toThrow(/at most 1 tokens, got 2/);
    expect(() => packBranches([ask([1], [2, 3], [0, 1])], 3)).toThrow(/fit 3 rows, got 4/);
  });
});
