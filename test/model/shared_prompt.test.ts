// Neighbors with the same prompt share its rows: the same logits, results and gradients as the float64 twin of sequences
// that each stand alone, whoever shares with whom, and the same numbers as a batch whose order lets nobody share.
import { describe, expect, test } from 'vitest';
import { hasQuads } from '../../src/gpu/quads.ts';
import { readBuffer } from '../../src/gpu/readback.ts';
import { composeMethods } from '../../src/methods/compose.ts';
import { METHODS } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';
import { attentionEntropies, attentionLaunches } from '../../src/model/attention.ts';
import { cutByRows, packBatch, type TrainingSequence } from '../../src/model/batch.ts';
import { currentStats, currentValues } from '../../src/model/current.ts';
import { Engine, type Policy } from '../../src/model/engine.ts';
import { type Layout, readTensor, writeTensor } from '../../src/model/layout.ts';
import { logitsOf } from '../../src/model/logits.ts';
import { placeRows, rowsOf } from '../../src/model/rows.ts';
import type { TileId } from '../../src/model/tiles.ts';
import { update } from '../../src/model/update.ts';
import { policyLoss } from '../../src/reference/losses.ts';
import {
  backward,
  forward,
  packSequences,
  randomParameters,
} from '../../src/reference/transformer.ts';
import { expectClose, relativeToNorm } from '../helpers/close.ts';
import { device } from '../helpers/dawn.ts';
import { seededRandom } from '../reference/differences.ts';

// Three heads of width 10, odd vocabulary and MLP: nothing divides a tile.
const config = {
  ...{ n_layer: 2, n_embd: 30, n_head: 3, d_ff: 13, vocab_size: 11 },
  ...{ rope_theta: 100, rms_eps: 1e-5 },
};
const V = config.vocab_size;
const T = 0.7;
const sizes = { rows: 128, sequences: 8, response: 12, positions: 24, splits: 3, latent: 2 };
const adam = {
  ...{ learning_rate: 0.01, beta1: 0.9, beta2: 0.95, eps: 1e-8 },
  ...{ weight_decay: 0.1, max_grad_norm: 1 },
};
const values: Record<string, number> = {
  ...{ 'ppo_clip.eps_low': 0.2, 'ppo_clip.eps_high': 0.28, 'ppo_clip.dual': 3 },
  ...{ 'ib_entropy.alpha': 0.5 },
};
const twin = {
  ...{ vocab: V, d_model: 30, layers: 2, heads: 3, d_ff: 13, rope_theta: 100, rms_eps: 1e-5 },
};
const random = seededRandom(3);
const number = (scale: number) => Math.fround(scale * (2 * random() - 1));
const token = () => Math.floor(random() * V);
const draw = (length: number) => Array.from({ length }, token);
const newParams = () =>
  new Map([...randomParameters(twin, random, 0.5)].map(([k, x]) => [k, x.map(Math.fround)]));
const params = newParams();

// Lengths of a prompt and of each response to it: prompts of one token, whose only row predicts; groups of one and of
// many; responses of one token, whose only row is the prompt's last.
const GROUPS: [prompt: number, responses: number[]][] = [
  [1, [3, 1, 4]],
  [6, [2, 7, 1, 5]],
  [9, [4]],
  [2, [1, 1]],
  [6, [3, 2, 8]],
];
const prompts = GROUPS.map(([length]) => draw(length));
// The last prompt differs from the second in its last token alone.
prompts[4] = [...prompts[1]];
prompts[4][5] = (prompts[1][5] + 1) % V;
const grouped = GROUPS.flatMap(([, lengths], g) =>
  lengths.map((length) => ({
    ...{ prompt: prompts[g], response: draw(length), weight: Math.fround(1 / 42) },
    ...{
      advantage: number(2),
      old_logp: Array.from({ length }, () => Math.fround(-2 + number(1))),
    },
    targets: Array.from({ length: 2 * length }, () => number(1)),
  })),
);
/** The order of a batch in which nobody stands beside one of its own group. */
const APART = [0, 3, 1, 4, 2, 5, 8, 6, 10, 9, 11, 7, 12];
const apart = <X>(of: readonly X[]): X[] => APART.map((i) => of[i]);
const backInOrder = <X>(of: readonly X[]): X[] => grouped.map((_, i) => of[APART.indexOf(i)]);
/** Numbers of response tokens, in the order of the groups, from those of the other order. */
const tokensInOrder = (of: ArrayLike<number>): number[] => {
  let at = 0;
  const parts = apart(grouped).map(({ response }) => {
    at += response.length;
    return Array.from(of).slice(at - response.length, at);
  });
  return backInOrder(parts).flat();
};

const hasQuad = await hasQuads(device);
const tiles: TileId[] = hasQuad ? ['alone', 'quad'] : ['alone'];
const composed = composeMethods(['ppo_clip', 'ib_entropy'].map((id) => METHODS.get(id) as Method));

async function open(tile: TileId) {
  const engine = await Engine.create(device, config, 0, { ...sizes, tile }, undefined, true);
  const layout = engine.valueLayout as Layout;
  const policyOf = (of: typeof params): Policy => {
    const flat = new Float32Array(layout.size);
    for (const spec of layout.tensors) {
      const head = Array.from(spec.shape.length === 2 ? { length: 30 } : [0.2], () => 0.1);
      writeTensor(flat, spec, of.get(spec.name) ?? head);
    }
    return engine.createPolicy(flat, true);
  };
  const loss = await engine.createLoss(composed);
  engine.setValues(
    loss,
    composed.fields.map((field) => values[field]),
  );
  const [policy, reference] = [policyOf(params), policyOf(newParams())];
  const gradientOf = async (
    of: readonly TrainingSequence[],
    {
      capacity = sizes.rows,
      critic = undefined as undefined | { coefficient: number; clip: number },
    } = {},
  ) => {
    const parts = cutByRows(of, capacity).map(packBatch);
    const result = await update(engine, policy, loss, {
      ...{ parts, temperature: T, adam, updateNumber: 1, gradientOnly: true, reference, critic },
    });
    const bytes = await readBuffer(device, engine.workspace.buffer('grad'), 4 * layout.size);
    return { parts, result, gradient: new Float32Array(bytes) };
  };
  return { engine, layout, policy, reference, gradientOf };
}

test('rows: those of a prompt once for its neighbors, and what a row sees', () => {
  const N = grouped.reduce((sum, s) => sum + rowsOf(s), 0);
  const { rows, facts } = packBatch(grouped);
  expect(packBatch(apart(grouped)).N).toBe(N);
  // Three times five rows of the second prompt, one of the fourth, twice five of the fifth.
  expect(packBatch(grouped).N).toBe(N - 15 - 1 - 10);
  expect([...facts].filter((x, i) => i % 4 === 0 && x > 0).length).toBe(42);
  // token, position, first, end, prompt of the second group: from row 8 on; its first response has two tokens.
  const row = (n: number) => [...rows.subarray(5 * n, 5 * n + 5)];
  const [p] = [grouped[3].prompt];
  expect(row(8)).toEqual([p[0], 0, 8, 28, 8]);
  expect(row(12)).toEqual([p[4], 4, 8, 28, 8]);
  expect(row(13)).toEqual([p[5], 5, 13, 15, 8]);
  expect(row(14)).toEqual([grouped[3].response[0], 6, 13, 15, 8]);
  expect(row(15)).toEqual([p[5], 5, 15, 22, 8]);
  // The third stands alone.
  expect(row(28)).toEqual([grouped[7].prompt[0], 0, 28, 40, 28]);
  const nearly = [grouped[3], { ...grouped[10], prompt: prompts[4] }];
  expect(placeRows(nearly).map(({ shared }) => shared)).toEqual([0, 0]);
  const silent = [grouped[3], { ...grouped[4], response: [] }];
  expect(placeRows(silent).map(({ shared }) => shared)).toEqual([0, 0]);
});

test('parts hold as many as fit once rows are shared, and each its own copy of a prompt', () => {
  for (const capacity of [13, 17, 33]) {
    const parts = cutByRows(grouped, capacity);
    expect(parts.flat()).toEqual(grouped);
    parts.forEach((part, i) => {
      expect(packBatch(part).N).toBeLessThanOrEqual(capacity);
      const next = parts[i + 1]?.[0];
      if (next) expect(packBatch([...part, next]).N).toBeGreaterThan(capacity);
    });
  }
  expect(() => cutByRows(grouped, 12)).toThrow('must fit 12 rows, got 13');
});

describe.each(tiles)('tile %s', async (tile) => {
  const { engine, layout, policy, reference, gradientOf } = await open(tile);

  test('logits and the gradient of every parameter are the float64 twin’s', async () => {
    const packed = packSequences(grouped.map((s) => [...s.prompt, ...s.response].slice(0, -1)));
    const state = forward(twin, params, packed);
    const rows = grouped.flatMap((s, sequence) =>
      [...s.prompt, ...s.response].slice(1).map((action, i) => {
        const t = i + 1 - s.prompt.length;
        const of = { action, sequence, advantage: s.advantage };
        return { ...of, mask: t < 0 ? 0 : 1, old_logp: t < 0 ? 0 : s.old_logp[t] };
      }),
    );
    const column = (key: keyof (typeof rows)[0]) => rows.map((row) => row[key]);
    const exact = policyLoss(
      {
        ...{ V, logits: state.logits, action: column('action'), mask: column('mask') },
        ...{ sequence: column('sequence'), advantage: column('advantage') },
        old_logp: column('old_logp'),
      },
      {
        ...{ eps_low: 0.2, eps_high: 0.28, dual_clip: 3, temperature: T },
        ...{ entropy: 'ib', alpha: 0.5 },
      },
    );
    const wanted = backward(twin, params, packed, state, exact.d_logits);
    const logits = await logitsOf(engine, policy, [packBatch(grouped)]);
    const shown = rows.flatMap(({ mask }, n) => (mask ? [n] : []));
    const wantedLogits = shown.flatMap((n) => [...state.logits.slice(n * V, (n + 1) * V)]);
    // Two layers of sums of some 30 terms, values up to 5: errors of 1e-6 that layers pass on.
    expectClose(
      logits.flatMap((row) => [...row]),
      wantedLogits,
      { rtol: 1e-5, atol: 2e-5 },
    );
    for (const capacity of [sizes.rows, 33, 13]) {
      const { gradient, parts } = await gradientOf(grouped, { capacity });
      expect(parts.length > 1).toBe(capacity < sizes.rows);
      for (const spec of layout.tensors) {
        const actual = readTensor(gradient, spec);
        const of = wanted.get(spec.name);
        if (!of) continue;
        // By norm: single elements cancel to nearly nothing. Some 20 kernels of errors near 1e-6.
        expect(relativeToNorm(actual, of), spec.name).toBeLessThan(1e-5);
      }
    }
  });

  test('value head, reference and what is read beforehand are those of unshared rows', async () => {
    const critic = { coefficient: 0.75, clip: 0.2 };
    const mine = await gradientOf(grouped, { critic });
    const other = await gradientOf(apart(grouped), { critic });
    // The same numbers, added in another order.
    expect(relativeToNorm(mine.gradient, other.gradient)).toBeLessThan(2e-6);
    const { value, ...sums } = mine.result;
    const { value: otherValue, ...otherSums } = other.result;
    expectClose(Object.values(sums), Object.values(otherSums), { rtol: 1e-5, atol: 1e-5 });
    expectClose([value?.loss ?? 0], [otherValue?.loss ?? 0], { rtol: 1e-5, atol: 1e-6 });
    const plain = grouped.map(({ targets: _, ...s }) => s);
    const [own, theirs] = [plain, apart(plain)].map((of) => cutByRows(of, 40).map(packBatch));
    const stats = await currentStats(engine, policy, own, T, { reference });
    const otherStats = await currentStats(engine, policy, theirs, T, { reference });
    for (const key of ['logp', 'entropy'] as const) {
      expectClose(stats[key], tokensInOrder(otherStats[key]), { rtol: 1e-5, atol: 1e-5 });
    }
    const [v, w] = [own, theirs].map((parts) => currentValues(engine, policy, parts));
    expectClose(await v, tokensInOrder(await w), { rtol: 1e-5, atol: 1e-5 });
    const launches = await attentionLaunches(engine);
    const [a, b] = [
      await attentionEntropies(engine, policy, own, launches),
      await attentionEntropies(engine, policy, theirs, launches),
    ];
    a.forEach((layer, l) => {
      expectClose(layer, tokensInOrder(b[l] ?? []), { rtol: 1e-5, atol: 1e-5 });
    });
  });

  test('latent positions: likewise', async () => {
    const mixture = () => {
      const shares = Float32Array.from({ length: V }, random);
      const sum = shares.reduce((x, y) => x + y, 0);
      return shares.map((x) => x / sum);
    };
    const mixed = grouped.map((s, i) => {
      const mixtures = Array.from({ length: Math.min(i % 3, s.response.length) }, mixture);
      return { ...s, ...(mixtures.length > 0 && { mixtures }) };
    });
    const [mine, other] = [await gradientOf(mixed), await gradientOf(apart(mixed))];
    expect(relativeToNorm(mine.gradient, other.gradient)).toBeLessThan(2e-6);
    const without = await gradientOf(grouped);
    expect(relativeToNorm(mine.gradient, without.gradient)).toBeGreaterThan(0.1);
  });

  test('the same update twice gives the same bits', async () => {
    const [a, b] = [await gradientOf(grouped), await gradientOf(grouped)];
    expectClose(a.gradient, b.gradient, { rtol: 0, atol: 0 });
  });

  test('a response does not see who else shares its prompt', async () => {
    const all = await logitsOf(engine, policy, [packBatch(grouped.slice(3, 7))]);
    const two = await logitsOf(engine, policy, [packBatch([grouped[6], grouped[4]])]);
    // Rows of the second response: each is computed by itself in one order, bit for bit.
    const flat = (rows: Float32Array[]) => rows.flatMap((row) => [...row]);
    expect(flat(two.slice(5))).toEqual(flat(all.slice(2, 9)));
  });
});
