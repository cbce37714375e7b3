// Numbers that were computed elsewhere, of methods that take more from a row than its entropy.
import { describe, expect, test } from 'vitest';
import { defaultsOf, type Values } from '../../src/core/param.ts';
import { joinBatches, selectResponses, tokenBatch } from '../../src/core/token_batch.ts';
import type { SamplingMethod, TermMethod } from '../../src/methods/method.ts';
import { renyiEntropy, tsallisEntropy } from '../../src/reference/functionals.ts';
import { expectClose } from '../helpers/close.ts';
import { rowFunctional, termFunction } from '../helpers/term.ts';
import { BATCH, entropy, method, numbers } from './fixture.ts';

const Z = [2, 1, 0, -1];
const P = [0.643914, 0.236883, 0.087144, 0.032059];
const H = 0.947537;
/** The numbers have six decimals. */
const decimals = { rtol: 0, atol: 6e-7, allowZero: true };

const dropped = (...args: Parameters<typeof numbers>) =>
  numbers(...args).flatMap((x, n) => (x === 0 ? [n] : []));

describe('row functionals of z = 2, 1, 0, −1', () => {
  test.each<[string, Values, number, number[]]>([
    ['tsallis_entropy', { q: 2 }, 0.520639, [-0.211916, 0.114878, 0.068359, 0.02868]],
    ['tsallis_entropy', { q: 0.5 }, 1.5268, [-0.333036, 0.068987, 0.141532, 0.122517]],
    ['tsallis_entropy', { q: 1.1 }, 0.877033, [-0.316181, 0.120971, 0.123489, 0.071721]],
    ['tsallis_entropy', { q: 1 }, 0.947537, [-0.326688, 0.116701, 0.130076, 0.079911]],
    ['renyi_entropy', { order: 2 }, 0.735301, [-0.442081, 0.239648, 0.142604, 0.059829]],
    ['renyi_entropy', { order: 1 }, 0.947537, [-0.326688, 0.116701, 0.130076, 0.079911]],
    ['siren', { top_p: 0.9 }, 0.832396, [-0.282587, 0.14077, 0.141817, 0]],
    ['siren', { top_p: 0.9, crossing: 1 }, 0.582203, [-0.196612, 0.196612, 0, 0]],
    ['siren', { top_p: 0.8, crossing: 1 }, 0, [0, 0, 0, 0]],
    ['siren', { top_p: 1 }, 0.947537, [-0.326688, 0.116701, 0.130076, 0.079911]],
  ])('%s at %o', (id, own, value, gradient) => {
    const found = method(id);
    const given = Object.entries(own).map(([name, x]) => [`${id}.${name}`, x]);
    const values = { ...defaultsOf(id, found.params), ...Object.fromEntries(given) };
    const f = rowFunctional(found, values, Z);
    expectClose([f.value], [value], decimals);
    expectClose(f.gradient, gradient, decimals);
  });

  test.each([
    ['renyi_entropy', 'order', renyiEntropy],
    ['tsallis_entropy', 'q', tsallisEntropy],
  ] as const)(
    '%s near Shannon entropy, and where the policy is nearly certain',
    (id, name, twin) => {
      for (const order of [0.9, 0.97, 0.999, 1.001, 1.03, 1.1, 2]) {
        for (const z of [Z, [6, 0, -1, -2]]) {
          const values = { ...defaultsOf(id, method(id).params), [`${id}.${name}`]: order };
          const [got, wanted] = [rowFunctional(method(id), values, z), twin(z, order)];
          // The series of a logarithm, cut off after the seventh power of at most 0.1.
          expectClose([got.value], [wanted.value], { rtol: 1e-6 });
          expectClose(got.gradient, wanted.gradient, { rtol: 1e-6, atol: 1e-9 });
        }
      }
    },
  );

  test('SIREN’s code where probabilities are equal', () => {
    const at = (top_p: number) =>
      rowFunctional(method('siren'), { 'siren.top_p': top_p, 'siren.crossing': 1 }, [1, 1, 0, 0]);
    expectClose([at(0.8).value, at(0.9).value], [Math.LN2, 1.017357], decimals);
  });

  test('expected discriminator', () => {
    expectClose([rowFunctional(method('clip_v'), {}, Z).value], [0.168817], decimals);
  });

  test('the scale that makes q comparable', () => {
    const tsallis = method('tsallis_entropy') as TermMethod;
    for (const q of [0.5, 1, 2, 3]) {
      const values = {
        'tsallis_entropy.alpha': 1,
        'tsallis_entropy.q': q,
        'tsallis_entropy.scaled': 1,
      };
      const { value } = rowFunctional(tsallis, values, [0, 0, 0, 0]);
      const token = { logp: -1, old_logp: -1, ref_logp: -1, entropy: 1, advantage: 1, row: value };
      // Of the uniform distribution it is worth log V, whatever q is.
      expect(termFunction(tsallis, values, 4)(token).loss).toBeCloseTo(-Math.log(4), 12);
    }
  });
});

test('Clip_B drops tokens of bad responses one standard deviation below the mean', () => {
  expect(dropped('clip_b', { mu: 1 })).toEqual([3, 5, 9]);
  expect(dropped('clip_b', { mu: 2.5 })).toEqual([]);
  // S of those three is −0.0499, −0.0743 and −0.0783, mean 0.096889 and deviation 0.117025 over all 14.
  expect(dropped('clip_b', { mu: 1.25 })).toEqual([3, 5, 9]);
  expect(dropped('clip_b', { mu: 1.26 })).toEqual([5, 9]);
  expect(dropped('clip_b', { mu: 1.47 })).toEqual([9]);
  expect(dropped('clip_b', { mu: 1.5 })).toEqual([]);
});

describe('Clip_V', () => {
  const batch = tokenBatch([4], {
    logp: Float32Array.from(P, Math.log),
    entropy: new Float32Array(4).fill(H),
    advantage: new Float32Array(4).fill(-1),
    rows: { clip_v: new Float32Array(4).fill(0.168817) },
  });

  // Centred discriminators 0.157871, −0.285518, −0.298894, −0.248728: standard deviation 0.1895.
  test('drops what is furthest below its expectation, up to the cap', () => {
    expect(dropped('clip_v', { mu: 1.5, share: 1 }, batch)).toEqual([1, 2]);
    expect(dropped('clip_v', { mu: 1, share: 1 }, batch)).toEqual([1, 2, 3]);
    expect(dropped('clip_v', { mu: 1, share: 0.25 }, batch)).toEqual([2]);
    expect(dropped('clip_v', { mu: 1, share: 0.2 }, batch)).toEqual([]);
    const good = { ...batch, advantage: new Float32Array(4).fill(1) };
    expect(dropped('clip_v', { mu: 1, share: 1 }, good)).toEqual([]);
  });
});

test('STEER by the exact first order weighs the centred discriminators', () => {
  const batch = tokenBatch([4], {
    logp: Float32Array.from(P, Math.log),
    old_logp: Float32Array.from(P, (p) => Math.log(p / 2)),
    entropy: new Float32Array(4).fill(H),
    advantage: Float32Array.of(0.5, 0.5, -0.5, -0.5),
    rows: { steer_exact: new Float32Array(4).fill(0.168817) },
  });
  expectClose([rowFunctional(method('steer_exact'), {}, Z).value], [0.168817], { atol: 6e-7 });
  // |A| ρ is 1. From the exponential map: −ln w is proportional to the change.
  const changes = [0.157871, 0.285518, 0.298894, 0.248728];
  const wanted = changes.map((x) => 0.5 ** (x / 0.298894));
  expectClose(numbers('steer_exact', { least: 0.5 }, batch), wanted, { rtol: 1e-5 });
  const linear = changes.map((x) => 1.2 - ((x - 0.157871) * 0.4) / (0.298894 - 0.157871));
  expectClose(numbers('steer_exact', { map: 1 }, batch), linear, { rtol: 1e-5 });
  // Twice the advantage, or twice the ratio, is twice the change.
  const unequal = {
    ...{ ...batch, advantage: Float32Array.of(1, 0.5, -0.5, -0.5) },
    old_logp: Float32Array.from(P, (p, n) => Math.log(n === 3 ? p / 4 : p / 2)),
  };
  const larger = [2 * changes[0], changes[1], changes[2], 2 * changes[3]];
  const share = larger.map((x) => 0.5 ** (x / larger[3]));
  expectClose(numbers('steer_exact', { least: 0.5 }, unequal), share, { rtol: 1e-5 });
});

describe('SIREN', () => {
  const siren = method('siren') as TermMethod;
  const batch = { ...BATCH, rows: { siren: entropy } };
  const values = { ...defaultsOf('siren', siren.params), 'siren.coefficient': 0.005 };

  test('selects a token or two of each response and fixes its anchor once', () => {
    const first = siren.observe?.(batch, { ...values, 'siren.anchor': -1 }) ?? {};
    expectClose([first['siren.selected'], first['siren.anchor']], [1.2875, 1.2875]);
    const later = siren.observe?.(batch, { ...values, 'siren.anchor': 1 }) ?? {};
    expectClose([later['siren.selected'], later['siren.anchor']], [1.2875, 1]);
  });

  test('fixes no anchor where nothing is selected', () => {
    const certain = { ...batch, rows: { siren: new Float32Array(entropy.length) } };
    const first = siren.observe?.(certain, { ...values, 'siren.anchor': -1 }) ?? {};
    expect(first).toEqual({ 'siren.selected': 0, 'siren.anchor': -1 });
    expect(siren.constants?.(batch, { ...values, ...first })).toEqual(
      new Float32Array(entropy.length),
    );
    const second = siren.observe?.(batch, { ...values, ...first }) ?? {};
    expectClose([second['siren.anchor']], [1.2875]);
  });

  test('costs the square of the distance from the anchor under a token mean', () => {
    const now = { ...values, 'siren.anchor': 1, 'siren.selected': 1.2875 };
    const constants = siren.constants?.(batch, now) ?? [];
    expect([...constants].flatMap((c, n) => (c === 0 ? [] : [n]))).toEqual([1, 5, 9, 12]);
    const f = termFunction(siren, now);
    const token = { logp: -1, old_logp: -1, ref_logp: -1, advantage: 1 };
    const terms = Array.from(entropy, (h, n) =>
      f({ ...token, entropy: 9, row: h, constant: constants[n] }),
    );
    const N = entropy.length;
    expectClose([terms.reduce((sum, { loss }) => sum + loss / N, 0)], [4.1328e-4], { rtol: 2e-5 });
    // ∂/∂H of c (H_sel − 1)² at each of the four tokens, each a response's only one.
    const slopes = [1, 5, 9, 12].map((n) => (terms[n].d_row ?? Number.NaN) / N);
    expectClose(slopes, Array(4).fill((2 * 0.005 * 0.2875) / 4));
  });

  test('leaves out responses in which nothing is selected', () => {
    const flat = { ...BATCH, rows: { siren: entropy.map((h, n) => (n < 3 ? 0.5 : h)) } };
    const seen = siren.observe?.(flat, { ...values, 'siren.anchor': -1 }) ?? {};
    expectClose([seen['siren.selected']], [(1.6 + 1.4 + 1.05) / 3]);
  });
});

describe('attention anchors and explorers', () => {
  const rows = { attention_entropy: Float32Array.of(0.2, 0.4, 0.6, 0.8) };
  const at = (progress: number, own: Values = {}) => {
    const batch = tokenBatch([2, 2], { rows, progress, logp: new Float32Array(4) });
    return numbers('attention_weights', own, batch);
  };

  test('weigh by a standard score that fades from one side to the other, with mean 1', () => {
    // z = ±1.341641, ±0.447214; b = 0.5, then 0, then −0.5.
    const w = [-1.341641, -0.447214, 0.447214, 1.341641].map((z) => Math.exp(-0.5 * z));
    const mean = w.reduce((a, b) => a + b, 0) / 4;
    expectClose(
      at(0),
      w.map((x) => x / mean),
    );
    expectClose(at(0.5), [1, 1, 1, 1]);
    expectClose(
      at(1),
      w.toReversed().map((x) => x / mean),
    );
  });

  test('are held between a half and 2 before they are divided by their mean', () => {
    const w = at(0, { begin: 1 });
    expect(w[0] / w[3]).toBeCloseTo(4, 5);
  });
});

describe('AEPO', () => {
  const aepo = method('aepo') as SamplingMethod;
  const values = { ...defaultsOf('aepo', aepo.params), 'aepo.target': 0.7, 'aepo.share': 0.5 };
  // Two prompts of two responses; those of the first prompt have no advantage.
  const own = tokenBatch([2, 1, 1, 2], {
    group: Uint32Array.of(0, 0, 1, 1),
    advantage: Float32Array.of(0, 0, 0, 1, -1, -1),
    old_logp: Float32Array.of(-0.5, -0.5, -1, -1, -0.5, -0.7),
  });
  const extra = tokenBatch([1, 1, 1, 2], {
    group: Uint32Array.of(0, 0, 0, 0),
    advantage: Float32Array.of(-1, 1, 0.04, 0.5, 0.5),
  });

  test('samples a quarter of the prompts hotter below the target, colder above', () => {
    // −mean log π is 0.7 here; of a step before, where there was one.
    expect(aepo.extra?.(own, { ...values, 'aepo.surprise': -1 }).prompts).toBe(1);
    for (const [surprise, temperature] of [
      [-1, 1.2],
      [0.7, 1.2],
      [0.71, 0.8],
    ]) {
      const asked = aepo.extra?.(own, { ...values, 'aepo.surprise': surprise });
      expect(asked?.temperature, String(surprise)).toBe(temperature);
    }
    expect(aepo.control?.({}, values, own)['aepo.surprise']).toBeCloseTo(0.7, 6);
  });

  test('puts answers better than their group where no advantage was, half as many above', () => {
    const low = aepo.replace?.(own, extra, { ...values, 'aepo.surprise': 0 });
    expect(low?.by).toEqual([1, 3]);
    expect([...(low?.at ?? [])].sort()).toEqual([0, 1]);
    expect(low?.advantage).toBe(1);
    const high = aepo.replace?.(own, extra, { ...values, 'aepo.surprise': 2 });
    expect(high?.by).toEqual([1]);
    expect([0, 1]).toContain(high?.at[0]);
    const all = { ...values, 'aepo.share': 0.25, 'aepo.surprise': 0 };
    expect(aepo.replace?.(own, extra, all)?.by).toEqual([1]);
  });

  test('replaced batches are the responses one after the other', () => {
    const joined = joinBatches(own, extra);
    expect([...joined.starts]).toEqual([0, 2, 3, 4, 6, 7, 8, 9, 11]);
    expect([...joined.index]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect([...joined.group]).toEqual([0, 0, 1, 1, 2, 2, 2, 2]);
    expect([...joined.advantage]).toEqual([...own.advantage, ...extra.advantage]);
    const some = selectResponses(joined, [0, 7, 2, 3]);
    expect([...some.advantage]).toEqual([0, 0, 0.5, 0.5, 1, -1, -1]);
  });
});
