// One draw after another from fixed logits; whole rollouts are in test/model/generate.test.ts.
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { STREAM, uniform } from '../../src/core/random.ts';
import { softmaxRow } from '../../src/reference/losses.ts';
import { expectClose } from '../helpers/close.ts';
import { AWKWARD, type Bench, EOS, openBench } from './bench.ts';

const { vocab_size: V, n_embd: C } = AWKWARD.config;
const B = 7;
const R = AWKWARD.sizes.response;
const SEED = 3_000_000_000;
const STEP = 12;
/** Number of each sequence in the counter: not its index. */
const NUMBER = [5, 6, 100, 2 ** 32 - 1, 0, 1, 2];
const FIRST = [2, 0, 10, 5, 1, 3, 7];

let bench: Bench;
let logits: Float32Array;
let embedding: Float32Array;
beforeAll(async () => {
  bench = await openBench(AWKWARD, ['sample', 'sample.begin', 'sample.compact']);
});

beforeEach(() => {
  const { layout, engine } = bench;
  const { CP, VP } = layout;
  logits = bench.numbers(8 * VP, 2);
  // Padding is never a token, however likely it looks.
  for (let b = 0; b < 8; b++) logits.fill(50, b * VP + V, (b + 1) * VP);
  embedding = bench.numbers(V * CP);
  bench.reset();
  bench.set('logits', logits);
  bench.setWeight('embed', embedding);
  bench.setIntegers(
    'sequences',
    NUMBER.flatMap((number, b) => [0, 0, FIRST[b], number]),
  );
  expect(C).toBeLessThan(CP);
  expect(engine.workspace.sizes.sequences).toBeGreaterThan(B);
});

/** Seed, stream, step, temperature. */
function begin(temperature: number, step = STEP) {
  const head = new ArrayBuffer(48);
  new Uint32Array(head).set([B, R, SEED, STREAM.sample, step]);
  new Float32Array(head)[5] = temperature;
  bench.engine.device.queue.writeBuffer(bench.engine.uniforms.rollout, 0, head);
  bench.run(bench.policy.passes.decodeBegin, 'sample.begin', 0, B);
}

const draw = () => bench.run(bench.policy.passes.decodeToken, 'sample', 0, B);

async function results() {
  const [state, tokens] = [
    await bench.getIntegers('state', 2 * B),
    await bench.getIntegers('tokens', B * R),
  ];
  return { state, tokens, records: await bench.get('records', 4 * B * R) };
}

/** Row `id` of the embedding, in place of `x`'s row b. */
async function expectInputs(ids: ArrayLike<number>) {
  const { CP } = bench.layout;
  const x = await bench.get('0.residual', (B + 1) * CP);
  const rows = Array.from(ids, (id) => [...embedding.subarray(id * CP, (id + 1) * CP)]);
  // A copy: not one bit may change.
  expectClose(x.subarray(0, B * CP), rows.flat(), { rtol: 0, atol: 0, label: 'next inputs' });
  expect(x[B * CP], 'the row after the last').toBeNaN();
}

test('sample.begin clears the state and feeds the first token', async () => {
  begin(1);
  expect([...(await bench.getIntegers('state', 2 * B + 1))].slice(0, 2 * B)).toEqual(
    Array(2 * B).fill(0),
  );
  await expectInputs(FIRST);
});

describe.each([1, 0.6, 1.7])('at temperature %d', (temperature) => {
  test('draws by the inverse of the distribution, records, stops and passes on', async () => {
    const { VP } = bench.layout;
    const drawn = new Set<number>();
    let finishedEarly = 0;
    for (let step = STEP; step < STEP + 12; step++) {
      begin(temperature, step);
      for (let t = 0; t < R; t++) draw();
      const { state, tokens, records } = await results();
      const last: number[] = [];
      for (let b = 0; b < B; b++) {
        const row = softmaxRow(logits.subarray(b * VP, b * VP + V), 0, V, temperature);
        let length = 0;
        for (let t = 0; t < R; t++) {
          const u = uniform(SEED, STREAM.sample, step, NUMBER[b], t);
          let sum = 0;
          const ends = row.p.map((p) => (sum += p));
          // Sums of 11 f32 exponentials err by about 1e-6: nearer than that to an end, either
          // side is right. None of the draws here is.
          expect(Math.min(...ends.map((end) => Math.abs(end - u)))).toBeGreaterThan(2e-6);
          const token = ends.findIndex((end) => u < end);
          expect(tokens[b * R + t], `sequence ${b}, position ${t}`).toBe(token);
          drawn.add(token);
          length = t + 1;
          // exp and log of WGSL, arguments up to 7: a few ulp of each, 1e-6.
          expectClose(
            records.subarray(4 * (b * R + t), 4 * (b * R + t) + 4),
            [row.log_p[token], row.entropy, row.p[EOS], 0],
            { rtol: 5e-6, atol: 2e-6, label: `records of ${b} at ${t}` },
          );
          last[b] = token;
          if (token === EOS) break;
        }
        if (length < R) finishedEarly++;
        expect([...state.subarray(2 * b, 2 * b + 2)], `state of ${b}`).toEqual([length, 1]);
      }
      // A finished sequence keeps what its last draw left.
      await expectInputs(last);
    }
    expect(drawn, 'every token was drawn').toEqual(new Set(Array(V).keys()));
    expect(finishedEarly).toBeGreaterThan(0);
  });
});

test('at temperature 0 takes the likeliest and records at temperature 1', async () => {
  const { VP } = bench.layout;
  begin(0);
  draw();
  const { tokens, records, state } = await results();
  for (let b = 0; b < B; b++) {
    const values = [...logits.subarray(b * VP, b * VP + V)];
    const row = softmaxRow(values, 0, V);
    const token = values.indexOf(Math.max(...values));
    expect(tokens[b * R]).toBe(token);
    const recorded = records.subarray(4 * b * R, 4 * b * R + 4);
    // As above.
    expectClose(recorded, [row.log_p[token], row.entropy, row.p[EOS], 0], { atol: 2e-6 });
    expect([...state.subarray(2 * b, 2 * b + 2)]).toEqual([1, token === EOS ? 1 : 0]);
  }
});

test('logits too large for exp are no harm', async () => {
  const { VP } = bench.layout;
  for (let b = 0; b < 8; b++) logits.set([3e4, -3e4, 2.9e4], b * VP);
  bench.set('logits', logits);
  begin(1);
  draw();
  const { tokens, records } = await results();
  for (let b = 0; b < B; b++) {
    expect(tokens[b * R]).toBe(0);
    expect([...records.subarray(4 * b * R, 4 * b * R + 4)]).toEqual([0, 0, 0, 0]);
  }
});

test('a sequence that has finished is left alone', async () => {
  begin(1);
  bench.setIntegers('state', Array(B).fill([2, 1]).flat());
  bench.setIntegers('tokens', Array(B * R).fill(99));
  draw();
  const { state, tokens } = await results();
  expect([...state]).toEqual(Array(B).fill([2, 1]).flat());
  expect([...tokens]).toEqual(Array(B * R).fill(99));
  await expectInputs(FIRST);
});

test('sample.compact moves those that go on together, with their inputs and all that is theirs', async () => {
  const { CP } = bench.layout;
  // Sequence b has drawn t tokens, the last of them token b % V; every third has finished.
  const drawn = Array.from({ length: B }, (_, b) => [1 + (b % (R - 1)), b % 3 === 1 ? 1 : 0]);
  const last = (b: number) => b % V;
  begin(1);
  bench.setIntegers('state', drawn.flat());
  const tokens = new Uint32Array(B * R).fill(99);
  drawn.forEach(([t], b) => {
    tokens[b * R + t - 1] = last(b);
  });
  bench.setIntegers('tokens', tokens);
  bench.run(bench.policy.passes.decodeCompact, 'sample.compact', 0, B);
  const going = drawn.flatMap(([, finished], b) => (finished ? [] : [b]));
  const order = await bench.getIntegers('order', 1 + going.length);
  expect([...order]).toEqual([going.length, ...going]);
  const x = await bench.get('0.residual', going.length * CP);
  const inputs = going.flatMap((b) => [...embedding.subarray(last(b) * CP, (last(b) + 1) * CP)]);
  expectClose(x, inputs, { rtol: 0, atol: 0 });

  // A draw after it takes row n's logits for its sequence, and writes there.
  draw();
  const { VP } = bench.layout;
  const after = await results();
  going.forEach((b, n) => {
    const t = drawn[b][0];
    const row = softmaxRow(logits.subarray(n * VP, n * VP + V), 0, V, 1);
    const u = uniform(SEED, STREAM.sample, STEP, NUMBER[b], t);
    let sum = 0;
    const token = row.p.findIndex((p) => {
      sum += p;
      return u < sum;
    });
    expect(after.tokens[b * R + t], `sequence ${b}`).toBe(token);
    expect(after.state[2 * b]).toBe(t + 1);
  });
  drawn.forEach(([t, finished], b) => {
    if (finished) expect([...after.state.subarray(2 * b, 2 * b + 2)]).toEqual([t, 1]);
  });
});
