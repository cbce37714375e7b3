// Sampling: what it records is what the training pass computes, the counter decides every draw, and the number of GPU
// calls stays within the budget.
import { describe, expect, it } from 'vitest';
import { entropyStanding, scaleOf } from '../../src/core/entropy_standing.ts';
import { uniform } from '../../src/core/random.ts';
import { record } from '../../src/gpu/launch.ts';
import { readBuffer } from '../../src/gpu/readback.ts';
import { composeMethods, SUPERVISED } from '../../src/methods/compose.ts';
import { packBatch } from '../../src/model/batch.ts';
import { Engine } from '../../src/model/engine.ts';
import { type Response, rollout } from '../../src/model/generate.ts';
import { initialParameters } from '../../src/model/init.ts';
import { update, uploadBatch } from '../../src/model/update.ts';
import { expectClose } from '../helpers/close.ts';
import { device } from '../helpers/dawn.ts';

// Three heads of width 10, odd vocabulary and MLP: nothing divides a tile.
const config = {
  n_layer: 2,
  n_embd: 30,
  n_head: 3,
  d_ff: 13,
  vocab_size: 11,
  rope_theta: 10000,
  rms_eps: 1e-5,
};
const EOS = 10;
const sizes = { rows: 64, sequences: 16, response: 7, positions: 16, splits: 3 };
const engine = await Engine.create(device, config, EOS, sizes);
// Larger weights than a fresh model's, so that distributions are far from uniform.
const parameters = initialParameters(engine.layout, 3).map((x) => (x === 1 ? 1 : 8 * x));
const policy = engine.createPolicy(parameters);
const prompts = [[1, 2, 3, 4], [5], [6, 7, 8, 9, 0, 1, 2, 3, 4], [2, 2]];
const request = { prompts, groupSize: 3, temperature: 0.8, seed: 7, stream: 3, step: 5 };

const plain = (responses: Response[]) =>
  responses.map((r) => ({ tokens: [...r.tokens], logp: [...r.logp], entropy: [...r.entropy] }));

/** Log-probabilities, entropies and P(EOS) of given responses by the training pass at this temperature. */
async function score(responses: Response[], temperature: number) {
  const loss = await engine.createLoss(composeMethods([SUPERVISED]));
  const result: { logp: number[]; entropy: number[]; logits: number[][] }[] = [];
  for (const [i, response] of responses.entries()) {
    const prompt = prompts[Math.floor(i / request.groupSize)];
    const batch = packBatch([
      { prompt, response: response.tokens, weight: 1, advantage: 1, old_logp: [] },
    ]);
    uploadBatch(engine, batch, false, temperature);
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    record(pass, policy.passes.forward, batch.N);
    pass.end();
    device.queue.submit([encoder.finish()]);
    const { VP } = engine.layout;
    const raw = new Float32Array(
      await readBuffer(device, engine.workspace.buffer('logits'), 4 * batch.N * VP),
    );
    const second = device.createCommandEncoder();
    engine.pass(second, [loss.launch], batch.N);
    device.queue.submit([second.finish()]);
    const stats = new Float32Array(
      await readBuffer(device, engine.workspace.buffer('stats'), 32 * batch.N),
    );
    const rows = Array.from({ length: response.tokens.length }, (_, t) => prompt.length - 1 + t);
    result.push({
      logp: rows.map((n) => stats[8 * n + 1]),
      entropy: rows.map((n) => stats[8 * n + 2]),
      logits: rows.map((n) => [...raw.subarray(n * VP, n * VP + config.vocab_size)]),
    });
  }
  return result;
}

describe('rollout', async () => {
  const responses = await rollout(engine, policy, request);
  const scored = await score(responses, request.temperature);

  it('stops at EOS or at the longest response, and only there', () => {
    expect(responses).toHaveLength(12);
    for (const { tokens, logp, entropy, p_eos } of responses) {
      const end = tokens.indexOf(EOS);
      expect(tokens.length).toBe(end >= 0 ? end + 1 : sizes.response);
      expect([logp.length, entropy.length, p_eos.length]).toEqual(Array(3).fill(tokens.length));
    }
    const lengths = new Set(responses.map((r) => r.tokens.length));
    expect(lengths.size).toBeGreaterThan(2);
  });

  // The cached and the packed attention add in different orders.
  it('records the log-probabilities and entropies of the training pass', () => {
    responses.forEach((response, i) => {
      expectClose(response.logp, scored[i].logp, { rtol: 1e-5, atol: 2e-5, label: `logp ${i}` });
      expectClose(response.entropy, scored[i].entropy, { rtol: 1e-5, atol: 2e-5, label: 'H' });
    });
  });

  it('draws by the counter: the inverse of the cumulative distribution at (seed, stream, step, sequence, position)', () => {
    let checked = 0;
    responses.forEach((response, b) => {
      scored[b].logits.forEach((row, t) => {
        const z = row.map((x) => x / request.temperature);
        const top = Math.max(...z);
        const e = z.map((x) => Math.exp(x - top));
        const total = e.reduce((a, c) => a + c, 0);
        const u = uniform(request.seed, request.stream, request.step, b, t) * total;
        let sum = 0;
        const edges = e.map((x) => (sum += x));
        const drawn = edges.findIndex((edge) => u < edge);
        // Within rounding of an edge either neighbor is right.
        if (edges.some((edge) => Math.abs(edge - u) < 1e-4 * total)) return;
        expect(response.tokens[t]).toBe(drawn);
        expect(Math.abs(response.p_eos[t] - e[EOS] / total)).toBeLessThanOrEqual(1e-5);
        checked++;
      });
    });
    expect(checked).toBeGreaterThan(30);
  });

  it('draws uncertain rows warmer and certain ones colder, and records them at the temperature', async () => {
    const warmth = {
      spread: 0.5,
      ...scaleOf(
        responses.flatMap((r) => [...r.entropy]),
        0.5,
      ),
    };
    const warm = await rollout(engine, policy, { ...request, warmth });
    const rows = await score(warm, request.temperature);
    let [checked, elsewhere] = [0, 0];
    warm.forEach((response, b) => {
      expectClose(response.logp, rows[b].logp, { rtol: 1e-5, atol: 2e-5, label: `logp ${b}` });
      expectClose(response.entropy, rows[b].entropy, { rtol: 1e-5, atol: 2e-5, label: 'H' });
      const standing = entropyStanding(response.entropy, warmth);
      rows[b].logits.forEach((row, t) => {
        const u = uniform(request.seed, request.stream, request.step, b, t);
        const edgesAt = (T: number): number[] => {
          const e = row.map((x) => Math.exp((x - Math.max(...row)) / T));
          const total = e.reduce((a, c) => a + c, 0);
          let sum = 0;
          return e.map((x) => (sum += x / total));
        };
        const own = edgesAt(request.temperature * (1 + 0.5 * standing[t]));
        if (own.some((edge) => Math.abs(edge - u) < 1e-4)) return;
        expect(response.tokens[t]).toBe(own.findIndex((edge) => u < edge));
        checked++;
        const plainly = edgesAt(request.temperature).findIndex((edge) => u < edge);
        elsewhere += Number(plainly !== response.tokens[t]);
      });
    });
    expect(checked).toBeGreaterThan(30);
    // The test would say nothing if no draw depended on it.
    expect(elsewhere).toBeGreaterThan(2);
    const none = await rollout(engine, policy, { ...request, warmth: { ...warmth, spread: 0 } });
    expect(plain(none)).toEqual(plain(responses));
  });

  it('gives the same bits for the same counter, and others for another step', async () => {
    expect(plain(await rollout(engine, policy, request))).toEqual(plain(responses));
    const other = await rollout(engine, policy, { ...request, step: 6 });
    expect(plain(other)).not.toEqual(plain(responses));
  });

  it('gives the same bits whatever the pieces, and whoever asks for the buffers meanwhile', async () => {
    const run = engine.pace.run.bind(engine.pace);
    const loss = await engine.createLoss(composeMethods([SUPERVISED]));
    const part = packBatch([
      { prompt: [1, 2, 3], response: [4, 5], weight: 1, advantage: 1, old_logp: [] },
    ]);
    const adam = {
      learning_rate: 0,
      beta1: 0,
      beta2: 0,
      eps: 1,
      weight_decay: 0,
      max_grad_norm: 1,
    };
    const train = () =>
      update(engine, policy, loss, {
        ...{ parts: [part], temperature: 1, adam, updateNumber: 1, gradientOnly: true },
      });
    const alone = await train();
    for (const pieces of [[7], [1, 1, 1, 1, 1, 1, 1], [3, 4], [4, 1, 2]]) {
      engine.pace.run = async (queue, _, submit) => {
        let from = 0;
        for (const count of pieces) {
          submit(from, from + count);
          from += count;
          await queue.onSubmittedWorkDone();
        }
      };
      // All at once: each has to wait for its turn.
      const [first, trained, second] = await Promise.all([
        rollout(engine, policy, request),
        train(),
        rollout(engine, policy, { ...request, step: 6 }),
      ]);
      expect(plain(first)).toEqual(plain(responses));
      expect(trained).toEqual(alone);
      engine.pace.run = run;
      expect(plain(second)).toEqual(plain(await rollout(engine, policy, { ...request, step: 6 })));
    }
  });

  it('gives the same bits when a batch is sampled in parts', async () => {
    const parts = [
      await rollout(engine, policy, { ...request, prompts: prompts.slice(0, 1) }),
      await rollout(engine, policy, { ...request, prompts: prompts.slice(1), firstSequence: 3 }),
    ];
    expect(plain(parts.flat())).toEqual(plain(responses));
  });

  it('takes the likeliest token at temperature 0', async () => {
    const greedy = await rollout(engine, policy, { ...request, temperature: 0 });
    const rows = await score(greedy, 1);
    greedy.forEach((response, b) => {
      rows[b].logits.forEach((row, t) => {
        expect(row[response.tokens[t]]).toBeGreaterThanOrEqual(Math.max(...row) - 1e-4);
      });
      expectClose(response.logp, rows[b].logp, { rtol: 1e-5, atol: 2e-5 });
    });
  });

  it('refuses what the buffers do not hold', async () => {
    const many = { ...request, groupSize: 5 };
    await expect(rollout(engine, policy, many)).rejects.toThrow('at most 16 sequences, got 20');
    const long = { ...request, prompts: [Array(10).fill(1)] };
    await expect(rollout(engine, policy, long)).rejects.toThrow('must fit 16 positions, got 17');
    const empty = { ...request, prompts: [[1], []] };
    await expect(rollout(engine, policy, empty)).rejects.toThrow('got none at 1');
  });
});
