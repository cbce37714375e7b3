// Runs whose responses begin with latent positions beside runs without: what is judged, counted and held at 1, that
// nothing changes where there are none, and what the microscope reads of them.
import { describe, expect, it } from 'vitest';
import { parseExperiment } from '../../src/core/parse.ts';
import type { Checkpoint } from '../../src/core/report.ts';
import { responses as rangesOf } from '../../src/core/token_batch.ts';
import { METHODS } from '../../src/methods/index.ts';
import type { TermMethod } from '../../src/methods/method.ts';
import { METRIC_INDEX, type MetricId } from '../../src/metrics/index.ts';
import { logitsOf } from '../../src/model/logits.ts';
import { latentLoss } from '../../src/reference/latent.ts';
import { reasoningLength } from '../../src/train/answers.ts';
import { CATALOG } from '../../src/train/catalog.ts';
import { freshTokens } from '../../src/train/fresh_tokens.ts';
import { Inspector } from '../../src/train/inspect.ts';
import {
  heldAtLatent,
  latentPositions,
  mixtureEntropy,
  spokenTokens,
} from '../../src/train/latent.ts';
import { forwardParts } from '../../src/train/minibatch.ts';
import { withReference } from '../../src/train/reference.ts';
import type { Run } from '../../src/train/run.ts';
import { mixtureSlopes } from '../../src/train/slopes.ts';
import { expectClose } from '../helpers/close.ts';
import { openSession, task } from '../helpers/session.ts';

const lepo = (positions: number, more: object = {}) => ({
  ...{ methods: ['lepo'], settings: { 'lepo.positions': positions, ...more } },
});
const file = {
  settings: {
    ...{ 'trainer.steps': 3, 'trainer.prompts': 4, 'trainer.group_size': 4 },
    ...{ 'trainer.eval_prompts': 4, 'trainer.eval_every': 2, 'trainer.minibatches': 2 },
    'chain_sum.max_response': 12,
    'ppo_clip.eps_high': 0.28,
  },
  seeds: [0],
};
const parse = (arms: object[], change: object = {}) =>
  parseExperiment({ ...file, arms, ...change, settings: { ...file.settings, ...change } }, CATALOG)
    .experiment;
const open = (arms: object[], change: object = {}, resume?: Checkpoint) =>
  openSession(resume?.experiment ?? parse(arms, change), resume);
const plain = { id: 'plain', methods: ['soft_overlong'], settings: { 'soft_overlong.buffer': 1 } };
/** A base of random weights is never right; short responses pay. */
const paid = { ...plain.settings };
const withLepo = (id: string, positions: number, more: object = {}) => ({
  ...{ id, methods: ['lepo', 'soft_overlong'] },
  settings: { ...lepo(positions, more).settings, ...paid },
});
const columnOf = (rows: Map<string, number[]>, key: string, id: MetricId) =>
  (rows.get(key) as number[])[METRIC_INDEX[id]];
const of = (rows: Map<string, number[]>, arm: string) =>
  [...rows].filter(([key]) => key.startsWith(`${arm}/`)).map(([, row]) => row);

describe('runs with latent positions', async () => {
  const { session, rows } = await open([plain, withLepo('none', 0), withLepo('four', 4)]);
  await session.run();
  const end = await session.checkpoint();
  const run = session.runs.find(({ arm }) => arm === 'four') as Run;
  const state = (checkpoint: Checkpoint, arm: string) => {
    const { arm: _, ...rest } = checkpoint.runs.find((r) => r.arm === arm) as (typeof end.runs)[0];
    return rest;
  };

  it('none of them is the base algorithm, bit for bit, beside a run with some', () => {
    expect(of(rows, 'none')).toEqual(of(rows, 'plain'));
    expect(state(end, 'none')).toEqual(state(end, 'plain'));
    expect(of(rows, 'four')).not.toEqual(of(rows, 'plain'));
    for (const arm of ['plain', 'four'])
      expect(columnOf(rows, `${arm}/0 1`, 'grad_norm')).toBeGreaterThan(0.1);
  });

  it('leave no trace in the others: the same bits as in a session where nobody has any', async () => {
    const alone = await open([plain, withLepo('none', 0)]);
    expect(alone.session.engine.hasLatent).toBe(false);
    expect(session.engine.workspace.sizes.latent).toBe(4);
    await alone.session.run();
    expect(of(alone.rows, 'plain')).toEqual(of(rows, 'plain'));
    expect(of(alone.rows, 'none')).toEqual(of(rows, 'plain'));
    expect(state(await alone.session.checkpoint(), 'plain')).toEqual(state(end, 'plain'));
  });

  it('repeat bit for bit, and from a checkpoint', async () => {
    const again = await open([plain, withLepo('none', 0), withLepo('four', 4)]);
    await again.session.run(1);
    const middle = await again.session.checkpoint();
    const resumed = await open([], {}, middle);
    await resumed.session.run();
    expect(of(resumed.rows, 'four')).toEqual(of(rows, 'four').slice(2));
    expect(state(await resumed.session.checkpoint(), 'four')).toEqual(state(end, 'four'));
  });

  it('are evaluated as they are trained, from the base on', () => {
    const entropy = (arm: string) => columnOf(rows, `${arm}/0 1`, 'entropy');
    expect(entropy('four')).not.toBe(entropy('plain'));
    expect(columnOf(rows, 'four/0 1', 'mixture_entropy')).toBeGreaterThan(0);
    expect(columnOf(rows, 'plain/0 1', 'mixture_entropy')).toBeNaN();
    // The base was evaluated once for those that begin alike, once for the others.
    expect(rows.has('four/0 0')).toBe(true);
  });

  it('learn at latent positions: the verifier’s tokens, lengths and ratios', async () => {
    const batch = await run.sample();
    for (const { tokens, mixtures = [], verdict, problem } of batch.responses) {
      expect(mixtures.length).toBe(Math.min(4, tokens.length));
      const own = task.verify(problem, [...tokens].slice(Math.min(4, tokens.length - 1)));
      expect(verdict.reason).toBe(own.reason);
      expect(verdict.answered_at).toBe(own.answered_at + Math.min(4, tokens.length - 1));
    }
    expect(batch.tokens.starts.at(-1)).toBe(
      batch.responses.reduce((sum, r) => sum + r.tokens.length, 0),
    );
    // After an update logp has moved, but not at latent positions, where every ratio stays 1.
    const view = { parts: run.parts, settings: run.settings, setting: run.setting.bind(run) };
    const moved = { ...view, parts: { ...run.parts, policy: session.runs[0].parts.policy } };
    const indices = batch.responses.map((_, i) => i);
    const { tokens } = await freshTokens(moved, batch, indices, true, undefined);
    const reference = { engine: session.engine, base: run.parts.base, temperature: 1 };
    const { ref_logp } = await withReference(reference, batch.responses, batch.tokens);
    let drawn = 0;
    rangesOf(tokens).forEach(({ from, to }, i) => {
      const L = batch.responses[i].mixtures?.length ?? 0;
      const same = (x: Float32Array) => [...x.subarray(from, from + L)];
      expect(same(tokens.logp)).toEqual(same(tokens.old_logp));
      expect(same(ref_logp)).toEqual(same(tokens.old_logp));
      for (let n = from + L; n < to; n++) drawn += Number(tokens.logp[n] !== tokens.old_logp[n]);
    });
    expect(drawn).toBeGreaterThan(10);
  });

  it('are seen by the microscope as the loss takes them', async () => {
    const { responses } = await run.sample();
    const [T, policy] = [0.8, run.parts.policy];
    const looked = responses.slice(0, 3).map((r) => ({
      ...{ prompt: r.prompt, tokens: [...r.tokens], logp: [...r.logp], advantage: 1.5 },
      mixtures: r.mixtures?.map((y) => [...y]),
    }));
    const inspector = new Inspector(session.engine, run.parts.base);
    const [clip, bonus] = ['ppo_clip', 'entropy_bonus'].map((id) => METHODS.get(id) as TermMethod);
    const values = { ...run.settings, 'entropy_bonus.alpha': 0.5 };
    const prepared = await inspector.prepare([clip, bonus].map((method) => ({ method, values })));
    const seen = await inspector.measure(policy, prepared, looked, T);
    const logits = await logitsOf(
      session.engine,
      policy,
      forwardParts(session.engine, responses.slice(0, 3)),
    );
    const V = task.vocabulary.length;
    let row = 0;
    seen.forEach(({ probabilities, logp, ratio, terms }, i) => {
      looked[i].tokens.forEach((_, t) => {
        const z = logits[row++];
        const y = looked[i].mixtures?.[t];
        const p = probabilities.subarray(t * V, (t + 1) * V);
        expectClose([p.reduce((a, b) => a + b)], [1], { rtol: 1e-5, atol: 0 });
        if (!y) return;
        const exact = latentLoss(z, y, 1.5, T);
        const own = terms[0].gradient.subarray(t * V, (t + 1) * V);
        expectClose(own, exact.d_logits, { rtol: 1e-4, atol: 2e-5 });
        expectClose([logp[t], terms[0].loss[t]], [exact.logp, exact.loss], { rtol: 1e-5 });
        expect(ratio[t]).toBe(1);
        expectClose([terms[0].d_logp[t]], [-1.5], { rtol: 1e-3, atol: 0 });
        expectClose([terms[1].d_entropy[t]], [-0.5], { rtol: 1e-3, atol: 0 });
        expect(Math.abs(terms[1].d_logp[t])).toBeLessThan(1e-3);
      });
    });
  });
});

describe('beside what reads further passes', async () => {
  const change = {
    ...{ 'trainer.minibatches': 1, 'trainer.epochs': 4, 'trainer.steps': 2 },
    ...{ 'trainer.information': true, 'trainer.information_prompts': 2 },
  };
  const arms = [
    { ...withLepo('iapo', 2), methods: ['lepo', 'iapo', 'soft_overlong'] },
    { ...withLepo('kl', 2), methods: ['lepo', 'kl_reward', 'kl_penalty', 'soft_overlong'] },
    {
      ...withLepo('cov', 2, { 'lepo.top_k': 3, 'lepo.top_p': 0.9 }),
      methods: ['lepo', 'clip_cov', 'soft_overlong'],
    },
    { ...withLepo('value', 2), methods: ['lepo', 'gae', 'soft_overlong'] },
  ];
  const { session, rows } = await open(arms, change);
  session.setAsked(['entropy_change_tabular', 'regularizer_grad_norm', 'attention_entropy_1']);
  await session.run();

  it('every run goes through, and nothing is told of the prompt', () => {
    for (const { id } of arms) {
      expect(columnOf(rows, `${id}/0 2`, 'eval_accuracy')).not.toBeNaN();
      expect(columnOf(rows, `${id}/0 2`, 'info_answer')).not.toBeNaN();
      expect(columnOf(rows, `${id}/0 2`, 'info_prompt')).toBeNaN();
      expect(columnOf(rows, `${id}/0 2`, 'entropy_change_tabular')).not.toBeNaN();
      expect(columnOf(rows, `${id}/0 2`, 'kl_base')).toBeGreaterThan(0);
    }
  });
});

describe('pieces', () => {
  const y = [Float32Array.of(0.5, 0.5, 0), Float32Array.of(0, 1, 0)];

  it('a task reads the tokens after the latent positions, and EOS where one of those ended it', () => {
    expect(spokenTokens({ tokens: Uint32Array.of(5, 6, 7, 8), mixtures: y })).toEqual([7, 8]);
    expect(spokenTokens({ tokens: Uint32Array.of(5, task.eos), mixtures: y })).toEqual([task.eos]);
    expect(spokenTokens({ tokens: Uint32Array.of(5, 6) })).toEqual([5, 6]);
  });

  it('a marker at a latent position does not end the reasoning, EOS does', () => {
    const marker = task.answer?.marker as number;
    const length = (tokens: number[], latent?: number) =>
      reasoningLength(tokens, { ...task.answer!, marker }, task.eos, latent);
    expect(length([marker, 3, 4, marker], 2)).toBe(3);
    expect(length([marker, 3, 4, marker])).toBe(0);
    expect(length([1, task.eos], 2)).toBe(1);
  });

  it('log-probabilities of sampling come back at latent positions alone', () => {
    const [now, old] = [Float32Array.of(1, 2, 3, 4, 5), Float32Array.of(9, 8, 7, 6, 5.5)];
    const responses = [
      { tokens: Uint32Array.of(1, 1, 1), mixtures: y },
      { tokens: Uint32Array.of(1, 1), mixtures: [y[0]] },
    ];
    expect([...heldAtLatent(now, old, responses)]).toEqual([9, 8, 3, 6, 5]);
    expect(heldAtLatent(now, old, [{ tokens: Uint32Array.of(1) }])).toBe(now);
  });

  it('the entropy of mixtures is a mean over them, and of none unknown', () => {
    const both = [{ tokens: Uint32Array.of(1, 1), mixtures: y }];
    expect(mixtureEntropy(both)).toBeCloseTo(Math.LN2 / 2, 12);
    expect(mixtureEntropy([{ tokens: Uint32Array.of(1) }])).toBeNaN();
  });

  it('slopes come out of a gradient with both parts, and are unknown where y is p', () => {
    const probabilities = Float32Array.of(0.5, 0.3, 0.15, 0.05);
    const entropy = -probabilities.reduce((sum, p) => sum + p * Math.log(p), 0);
    const gradientOf = (mixture: number[]) =>
      probabilities.map((p, j) => -0.7 * (mixture[j] - p) - 0.2 * p * (Math.log(p) + entropy));
    const mixture = [0.1, 0.8, 0.1, 0];
    const found = mixtureSlopes({ probabilities, gradient: gradientOf(mixture), mixture, entropy });
    expectClose([found.d_logp, found.d_entropy], [-0.7, 0.2], { rtol: 1e-5, atol: 0 });
    const same = [...probabilities];
    expect(
      mixtureSlopes({ probabilities, gradient: gradientOf(same), mixture: same, entropy }).d_logp,
    ).toBeNaN();
  });
});

describe('refusals', () => {
  it('as many latent positions as a response may be long', async () => {
    await expect(open([withLepo('all', 12)])).rejects.toThrow(
      'arm.all.methods: lepo cannot run. Nothing could be answered: latent positions must be fewer than the 12 tokens of the longest response, got 12',
    );
    expect(latentPositions(parse([plain, withLepo('eleven', 11)]))).toBe(11);
    expect(latentPositions(parse([plain, { ...withLepo('off', 11), enabled: false }]))).toBe(0);
  });

  it.each(['gspo', 'gmpo', 'dynamic_sampling', 'aepo'])('%s beside it', (id) => {
    expect(() => parse([{ id: 'a', methods: ['lepo', id] }])).toThrow(/do not go together: .{20}/);
  });
});
