// Sampling latent positions: the mixtures are the twin's, training reads what decoding was fed, and everything is decided
// by the counter.
import { describe, expect, it } from 'vitest';
import type { LatentSampling } from '../../src/core/latent.ts';
import { composeMethods, SUPERVISED } from '../../src/methods/compose.ts';
import { packBatch } from '../../src/model/batch.ts';
import { packBranches } from '../../src/model/branches.ts';
import { currentStats } from '../../src/model/current.ts';
import { Engine } from '../../src/model/engine.ts';
import { type Response, rollout } from '../../src/model/generate.ts';
import { initialParameters } from '../../src/model/init.ts';
import { logitsOf } from '../../src/model/logits.ts';
import { sampleMixture } from '../../src/reference/latent.ts';
import { softmaxRow } from '../../src/reference/losses.ts';
import { expectClose } from '../helpers/close.ts';
import { device } from '../helpers/dawn.ts';

// Three heads of width 10, odd vocabulary and MLP: nothing divides a tile.
const config = {
  ...{ n_layer: 2, n_embd: 30, n_head: 3, d_ff: 13, vocab_size: 11 },
  ...{ rope_theta: 10000, rms_eps: 1e-5 },
};
const V = config.vocab_size;
const EOS = 10;
const sizes = { rows: 200, sequences: 16, response: 7, positions: 16, splits: 2, latent: 4 };
const engine = await Engine.create(device, config, EOS, sizes);
// Larger weights than a fresh model's, so that distributions are far from uniform.
const parameters = initialParameters(engine.layout, 3).map((x) => (x === 1 ? 1 : 8 * x));
const policy = engine.createPolicy(parameters);
const prompts = [[1, 2, 3, 4], [5], [6, 7, 8, 9, 0, 1, 2, 3, 4], [2, 2]];
const request = { prompts, groupSize: 3, temperature: 0.8, seed: 7, stream: 3, step: 5 };
const LATENT: LatentSampling = { positions: 3, tau: 0.5, top_k: 0, top_p: 1, noise: true };

const plain = (responses: Response[]) =>
  responses.map((r) => ({
    ...{ tokens: [...r.tokens], logp: [...r.logp], entropy: [...r.entropy], p_eos: [...r.p_eos] },
    mixtures: r.mixtures?.map((y) => [...y]),
  }));
const sample = (latent?: Partial<LatentSampling>, more = {}) =>
  rollout(engine, policy, {
    ...request,
    ...more,
    ...(latent && { latent: { ...LATENT, ...latent } }),
  });
const sequenceOf = (response: Response, i: number, prompt = prompts[Math.floor(i / 3)]) => ({
  ...{ prompt, response: response.tokens, weight: 1, advantage: 1, old_logp: [] },
  mixtures: response.mixtures,
});
/** Logits of response tokens by the training pass, by response. */
async function replay(responses: Response[]): Promise<Float32Array[][]> {
  const rows = await logitsOf(engine, policy, [
    packBatch(responses.map((r, i) => sequenceOf(r, i))),
  ]);
  let next = 0;
  return responses.map(({ tokens }) => Array.from(tokens, () => rows[next++]));
}

/** Distance of the two largest numbers. */
const lead = (values: ArrayLike<number>): number => {
  const [a, b] = Array.from(values).sort((x, y) => y - x);
  return a - b;
};

describe('latent positions', () => {
  it.each([
    ['all tokens', {}, 0.8],
    ['the likeliest four', { top_k: 4 }, 0.8],
    ['those that reach 0.7', { top_p: 0.7 }, 1.3],
    ['of the likeliest five those that reach 0.9', { top_k: 5, top_p: 0.9, tau: 0.3 }, 1],
    ['all, without noise', { noise: false, tau: 1.5 }, 0.8],
  ] as const)('mixes as the twin does: %s', async (_, settings, temperature) => {
    const latent = { ...LATENT, ...settings };
    const responses = await sample(settings, { temperature });
    const logits = await replay(responses);
    let checked = 0;
    responses.forEach(({ mixtures = [], logp, entropy, p_eos, tokens }, b) => {
      expect(mixtures.length).toBe(Math.min(LATENT.positions, tokens.length));
      mixtures.forEach((y, t) => {
        const counter = [request.seed, request.stream, request.step, b, t];
        const row = logits[b][t];
        const exact = sampleMixture(row, { ...latent, temperature }, counter);
        const { p, log_p, entropy: H } = softmaxRow(row, 0, V, temperature);
        const kept = Array.from(y).filter((x) => x > 0).length;
        // A token at the edge of what is kept may fall to either side; here none is that near.
        expect(kept).toBe(exact.filter((x) => x > 1e-30).length);
        // Logits of the cached pass differ by 2e-5, which tau enlarges in log y.
        expectClose(y, exact, { rtol: 3e-4, atol: 1e-6, label: `y ${b} ${t}` });
        expectClose([y.reduce((s, x) => s + x, 0)], [1], { rtol: 1e-6, atol: 0 });
        if (lead(row) > 1e-3) expect(tokens[t]).toBe(row.indexOf(Math.max(...row)));
        const mean = log_p.reduce((s, l, v) => s + exact[v] * l, 0);
        expectClose([logp[t], entropy[t], p_eos[t]], [mean, H, p[EOS]], { rtol: 2e-4, atol: 5e-5 });
        checked++;
      });
    });
    expect(checked).toBeGreaterThan(20);
  });

  // The cached and the packed attention add in different orders: the tolerance of generate.test.ts.
  it('records what the training pass computes when it is fed the mixtures again', async () => {
    const responses = await sample({});
    const loss = await engine.createLoss(composeMethods([SUPERVISED]));
    const parts = [packBatch(responses.map((r, i) => sequenceOf(r, i)))];
    const { entropy } = await currentStats(engine, policy, parts, request.temperature, { loss });
    const recorded = responses.flatMap((r) => [...r.entropy]);
    expectClose(entropy, recorded, { rtol: 1e-5, atol: 2e-5, label: 'entropy' });
    const logits = await replay(responses);
    responses.forEach(({ tokens, logp, mixtures = [] }, b) => {
      const exact = Array.from(tokens, (token, t) => {
        const { log_p } = softmaxRow(logits[b][t], 0, V, request.temperature);
        const y = mixtures[t];
        return y ? log_p.reduce((s, l, v) => s + y[v] * l, 0) : log_p[token];
      });
      expectClose(logp, exact, { rtol: 1e-5, atol: 2e-5, label: `logp ${b}` });
    });
    // The mixtures matter: fed their largest shares as tokens, the later rows are others.
    const bare = await replay(responses.map(({ mixtures: _, ...r }) => r));
    const far = responses.flatMap((r, b) =>
      r.tokens.length > 3 ? [Math.abs(logits[b][3][0] - bare[b][3][0])] : [],
    );
    expect(Math.max(...far)).toBeGreaterThan(0.05);
  });

  it('ends where EOS is the likeliest token, whatever is mixed, or after the longest response', async () => {
    const steps = await Promise.all([5, 6, 7, 8].map((step) => sample({ tau: 1 }, { step })));
    const responses = steps.flat();
    let mixed = 0;
    for (const { tokens, mixtures = [] } of responses) {
      const end = tokens.indexOf(EOS);
      expect(tokens.length).toBe(end >= 0 ? end + 1 : sizes.response);
      // What the noise put the largest share on says nothing of the end.
      for (const [t, y] of mixtures.entries()) {
        if (y.indexOf(Math.max(...y)) === EOS && tokens[t] !== EOS) mixed++;
      }
    }
    expect(mixed).toBeGreaterThan(0);
    const early = responses.filter(({ tokens }) => tokens.length <= LATENT.positions);
    expect(early.length).toBeGreaterThan(0);
    expect(early.length).toBeLessThan(responses.length);
  });

  it('gives the same bits for the same counter, in parts, too, and others for another step', async () => {
    const responses = plain(await sample({}));
    expect(plain(await sample({}))).toEqual(responses);
    const parts = [
      await sample({}, { prompts: prompts.slice(0, 1) }),
      await sample({}, { prompts: prompts.slice(1), firstSequence: 3 }),
    ];
    expect(plain(parts.flat())).toEqual(responses);
    expect(plain(await sample({}, { step: 6 }))).not.toEqual(responses);
    // Between rollouts without latent positions, whose bits they leave alone.
    const ordinary = plain(await sample());
    await sample({});
    expect(plain(await sample())).toEqual(ordinary);
  });

  it('without noise all responses to a prompt have the same mixtures, and with tau near 0 they are tokens', async () => {
    const responses = plain(await sample({ noise: false, tau: 0.01, positions: 4 }));
    const greedy = plain(await sample(undefined, { temperature: 0 }));
    responses.forEach(({ mixtures = [], tokens }, b) => {
      expect(mixtures).toEqual(responses[b - (b % 3)].mixtures);
      // Where the two likeliest are not nearly as likely.
      const firm = mixtures.every((y) => Math.max(...y) > 0.999);
      if (firm) expect(tokens.slice(0, 4)).toEqual(greedy[b].tokens.slice(0, 4));
    });
    const [{ mixtures = [] }] = responses;
    expect(Math.max(...mixtures[0])).toBeGreaterThan(0.999);
    // With noise the three differ.
    const [a, b] = plain(await sample({}));
    expect(a.mixtures).not.toEqual(b.mixtures);
  });

  it('are read by questions along a response as by the response itself', async () => {
    const responses = await sample({});
    const i = responses.findIndex((r) => r.tokens.length > 4);
    const s = sequenceOf(responses[i], i);
    const questions = [1, 3, 4].map((after) => ({ after, forced: 9, action: 2 }));
    const branched = packBranches([{ ...s, questions }], sizes.rows);
    const now = await currentStats(engine, policy, branched, 1);
    for (const [k, { after }] of questions.entries()) {
      const forced = [...Array.from(s.response).slice(0, after), 9, 2];
      const alone = packBatch([{ ...s, response: forced, mixtures: s.mixtures?.slice(0, after) }]);
      const { logp } = await currentStats(engine, policy, [alone], 1);
      expectClose([now.logp[k]], [logp[after + 1]], { rtol: 1e-6, atol: 1e-6 });
    }
  });

  it('are refused where there are no buffers for so many', async () => {
    await expect(sample({ positions: 5 })).rejects.toThrow('at most 4 latent positions, got 5');
    // The slot was handed back: the next rollouts go through.
    for (let k = 0; k < 4; k++) expect(await sample({})).toHaveLength(12);
  });
});
