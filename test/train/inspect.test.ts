// A look at single tokens: every term's gradient against float64, and no trace left in a training run.
import { afterAll, describe, expect, it, test } from 'vitest';
import { modelConfig } from '../../src/core/model_config.ts';
import { defaultsOf } from '../../src/core/param.ts';
import { parseExperiment } from '../../src/core/parse.ts';
import { METHODS } from '../../src/methods/index.ts';
import type { TermMethod } from '../../src/methods/method.ts';
import { Engine } from '../../src/model/engine.ts';
import { initialParameters } from '../../src/model/init.ts';
import { createLayout, writeTensor } from '../../src/model/layout.ts';
import { saveParameters } from '../../src/model/safetensors.ts';
import { type LossSettings, policyLoss } from '../../src/reference/losses.ts';
import { forward, packSequences, randomParameters } from '../../src/reference/transformer.ts';
import { TASKS } from '../../src/tasks/index.ts';
import { CATALOG } from '../../src/train/catalog.ts';
import { Inspector } from '../../src/train/inspect.ts';
import { inspectedTerms } from '../../src/train/inspected_terms.ts';
import { Session, type SessionEvents } from '../../src/train/session.ts';
import { runChecks } from '../../src/train/trust.ts';
import { expectClose } from '../helpers/close.ts';
import { device } from '../helpers/dawn.ts';
import { AWKWARD } from '../kernels/bench.ts';
import { seededRandom } from '../reference/differences.ts';

const T = 0.7;
const CLIP = { eps_low: 0.2, eps_high: 0.28, dual_clip: 3 };
const V = AWKWARD.config.vocab_size;
const EOS = 1;
const random = seededRandom(9);

describe('a look at responses', async () => {
  const engine = await Engine.create(device, AWKWARD.config, EOS, AWKWARD.sizes);
  const { n_embd: d_model, n_head: heads, n_layer: layers, d_ff } = AWKWARD.config;
  const twin = { vocab: V, d_model, heads, layers, d_ff, rope_theta: 100, rms_eps: 1e-5 };
  const make = () => {
    const params = new Map(
      [...randomParameters(twin, random, 0.6)].map(([name, x]) => [name, x.map(Math.fround)]),
    );
    const flat = new Float32Array(engine.layout.size);
    for (const spec of engine.layout.tensors) writeTensor(flat, spec, params.get(spec.name) ?? []);
    return { params, policy: engine.createPolicy(flat) };
  };
  const [now, base] = [make(), make()];
  const number = (scale: number) => Math.fround(scale * (2 * random() - 1));
  const responses = [
    { prompt: [3, 4], tokens: [5, 2, 7, 9, 1], advantage: 1.25 },
    // Two parts of the buffers' 24 rows.
    { prompt: [8, 8, 8, 2, 0, 3], tokens: [0, 0, 10, 6, 4, 3, 2, 1], advantage: -0.75 },
    { prompt: [6], tokens: [1], advantage: 0 },
    { prompt: [6, 3, 1, 2], tokens: [4, 4, 2], advantage: -2 },
  ].map((r) => ({ ...r, logp: r.tokens.map(() => -2 + number(1)) }));
  const terms = [
    ...[
      ['ppo_clip', { 'ppo_clip.eps_low': 0.2, 'ppo_clip.eps_high': 0.28, 'ppo_clip.dual': 3 }],
      ['entropy_bonus', { 'entropy_bonus.alpha': 0.25 }],
      ['ib_entropy', { 'ib_entropy.alpha': 0.5 }],
      ['ib_entropy', { 'ib_entropy.alpha': 1 }],
      ['kl_penalty', { 'kl_penalty.beta': 0.5, 'kl_penalty.estimator': 2 }],
    ],
  ].map(([id, values]) => ({
    method: METHODS.get(id as string) as TermMethod,
    values: values as Record<string, number>,
  }));
  const alone: Partial<LossSettings>[] = [
    {},
    { entropy: 'naive', alpha: 0.25 },
    { entropy: 'ib', alpha: 0.5 },
    { entropy: 'ib', alpha: 1 },
    { kl: 'k3', beta: 0.5 },
  ];
  const inspector = new Inspector(engine, base.policy);
  const prepared = await inspector.prepare(terms);
  const seen = await inspector.measure(now.policy, prepared, responses, T);

  /** One response in float64; only its response rows. */
  const exactOf = (k: number, settings: Partial<LossSettings>) => {
    const { prompt, tokens, logp, advantage } = responses[k];
    const all = [...prompt, ...tokens];
    const packed = packSequences([all.slice(0, -1)]);
    const rows = (values: number[]) => all.slice(1).map((_, i) => values[i + 1 - prompt.length]);
    const from = prompt.length - 1;
    const loss = (logits: Float64Array, old: number[], ref?: Float64Array) =>
      policyLoss(
        {
          ...{ V, logits, action: all.slice(1), sequence: all.slice(1).map(() => 0) },
          mask: rows(tokens.map(() => 1)).map((x) => x ?? 0),
          old_logp: rows(old).map((x) => x ?? 0),
          advantage: all.slice(1).map(() => advantage),
          ref_logp: ref,
        },
        { ...CLIP, ...(ref ? settings : {}), temperature: T, aggregate: 'token_sum' },
      );
    const ref = loss(forward(twin, base.params, packed).logits, logp).logp;
    const whole = loss(forward(twin, now.params, packed).logits, logp, ref);
    const cut = (x: Float64Array, width = 1) => x.subarray(from * width);
    return {
      ...{ logp: cut(whole.logp), entropy: cut(whole.entropy), ratio: cut(whole.ratio) },
      ...{ d_logp: cut(whole.d_logp), d_entropy: cut(whole.d_entropy) },
      d_logits: cut(whole.d_logits, V),
    };
  };
  const minus = (a: Float64Array, b: Float64Array) => a.map((x, i) => x - b[i]);

  test.each(responses.map((_, k) => k))('response %i: distribution and facts', (k) => {
    const { probabilities, entropy, logp, ratio, p_eos } = seen[k];
    const exact = exactOf(k, {});
    // Whole-model logits are right to 1e-5.
    expectClose(entropy, exact.entropy, { rtol: 2e-5, atol: 2e-5 });
    expectClose(logp, exact.logp, { rtol: 2e-5, atol: 2e-5 });
    expectClose(ratio, exact.ratio, { rtol: 5e-5, atol: 2e-5 });
    responses[k].tokens.forEach((token, t) => {
      const row = probabilities.subarray(t * V, (t + 1) * V);
      expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
      expect(Math.log(row[token])).toBeCloseTo(exact.logp[t], 4);
      const H = row.reduce((sum, p) => sum - p * Math.log(p), 0);
      expect(H).toBeCloseTo(exact.entropy[t], 4);
      expect(row[EOS]).toBe(p_eos[t]);
    });
  });

  test.each(terms.map(({ method }, i) => [method.id, i] as const))('term %s (%i)', (id, i) => {
    responses.forEach((response, k) => {
      const term = seen[k].terms[i];
      expect(term.method).toBe(id);
      const policy = exactOf(k, {});
      const whole = exactOf(k, alone[i]);
      // The reference always has an objective: what the regularizer adds is the difference.
      const [gradient, d_logp, d_entropy] =
        i === 0
          ? [whole.d_logits, whole.d_logp, whole.d_entropy]
          : [
              minus(whole.d_logits, policy.d_logits),
              minus(whole.d_logp, policy.d_logp),
              minus(whole.d_entropy, policy.d_entropy),
            ];
      const options = { rtol: 1e-4, atol: 3e-5, allowZero: true, label: `${id}, response ${k}` };
      expectClose(term.gradient, gradient, options);
      expectClose(term.d_logp, d_logp, { ...options, rtol: 1e-3, atol: 2e-4 });
      expectClose(term.d_entropy, d_entropy, { ...options, rtol: 1e-3, atol: 2e-4 });
      response.tokens.forEach((_, t) => {
        const row = term.gradient.subarray(t * V, (t + 1) * V);
        const size = Math.max(...row.map(Math.abs));
        expect(Math.abs(row.reduce((a, b) => a + b, 0))).toBeLessThanOrEqual(1e-5 * (size + 1));
      });
    });
    expect(seen.some((r) => r.terms[i].gradient.some((x) => x !== 0))).toBe(true);
  });

  test('naive and IB oppose each other where the advantage is negative', () => {
    const [, naive, ib] = seen[1].terms;
    naive.d_entropy.forEach((x, t) => {
      expect(Math.sign(x)).toBe(-1);
      expect(Math.sign(ib.d_entropy[t])).toBe(1);
    });
  });
});

it('lists every arm’s terms once, and the two entropy terms in any case', () => {
  const ppo = METHODS.get('ppo_clip') as TermMethod;
  const naive = METHODS.get('entropy_bonus') as TermMethod;
  const settings = {
    ...defaultsOf('ppo_clip', ppo.params),
    ...defaultsOf('entropy_bonus', naive.params),
  };
  const { terms, arms } = inspectedTerms([
    { arm: 'a', methods: [ppo], settings },
    { arm: 'b', methods: [ppo, naive], settings },
    { arm: 'c', methods: [ppo, naive], settings: { ...settings, 'entropy_bonus.alpha': 0.01 } },
  ]);
  expect(terms.map((t) => t.method.id)).toEqual([
    ...['ppo_clip', 'entropy_bonus', 'entropy_bonus', 'ib_entropy'],
  ]);
  expect(arms.map((a) => a.terms)).toEqual([[0], [0, 1], [0, 2]]);
  const whole = METHODS.get('clip_cov') as TermMethod;
  const batchwise = inspectedTerms([{ arm: 'd', methods: [whole], settings }]);
  expect(batchwise.arms).toEqual([{ arm: 'd', terms: [], missing: ['clip_cov'] }]);
});

describe('in a session', async () => {
  const task = TASKS.get('chain_sum')!;
  const layout = createLayout(modelConfig('nano', task.vocabulary.length));
  const base = saveParameters(layout, initialParameters(layout, 1));
  const opened = { device, vendor: '', architecture: '', description: '', software: true };
  const { experiment } = parseExperiment(
    {
      ...{ version: 1, name: 'test', task: 'chain_sum', model: 'nano', base: 'shipped' },
      methods: ['grpo', 'ppo_clip'],
      settings: {
        ...{ 'trainer.steps': 3, 'trainer.prompts': 4, 'trainer.group_size': 2 },
        ...{ 'trainer.eval_prompts': 4, 'trainer.eval_every': 2, 'chain_sum.max_response': 12 },
      },
      arms: [
        { id: 'naive', name: 'naive', methods: ['entropy_bonus'] },
        { id: 'kl', name: 'IB and KL', methods: ['ib_entropy', 'kl_penalty'] },
      ],
      seeds: [0],
    },
    CATALOG,
  );
  const sessions: Session[] = [];
  afterAll(() => {
    for (const session of sessions) session.destroy();
  });
  const open = async (events: Partial<SessionEvents> = {}) => {
    const silent = { progress() {}, row() {}, byDifficulty() {}, responses() {}, runFailed() {} };
    const session = await Session.open(
      opened,
      { experiment, loadBase: async () => base },
      { ...silent, ...events },
    );
    sessions.push(session);
    return session;
  };

  it('leaves a checkpoint’s bits as they are, and shows fixed prompts at evaluations', async () => {
    const plain = await open();
    await plain.run();
    const want = await plain.checkpoint();

    const looks: Promise<unknown>[] = [];
    const probes: string[] = [];
    const contexts = new Set<string>();
    const watched = await open({
      responses: ({ arm, seed }, step, prompt, _, samples) => {
        for (const look of [arm, 'kl']) {
          const inspected = samples.map((s) => ({ ...s, prompt }));
          const seen = watched.inspect({ arm: look, seed }, inspected);
          looks.push(
            seen.then((inspection) => {
              expect(inspection.step).toBeGreaterThanOrEqual(step - 1);
              const { ratio, terms, entropy } = inspection.responses[0];
              expect([...ratio, ...entropy].every(Number.isFinite)).toBe(true);
              expect(terms.map((t) => t.method)).toEqual([
                ...['ppo_clip', 'entropy_bonus', 'ib_entropy', 'kl_penalty'],
              ]);
            }),
          );
        }
      },
      probes: ({ arm }, step, samples) => {
        probes.push(`${arm} ${step}`);
        contexts.add(samples.map((s) => s.context.join()).join(' '));
        for (const { context, probabilities } of samples) {
          expect(probabilities).toHaveLength(context.length * task.vocabulary.length);
        }
        if (step === 0) expect(samples.map((s) => s.tokens)).toEqual(samples.map((s) => s.context));
      },
    });
    await watched.run();
    await Promise.all(looks);
    expect(looks.length).toBe(12);
    expect(probes).toEqual(['naive 0', 'kl 0', 'naive 2', 'kl 2', 'naive 3', 'kl 3']);
    expect(contexts.size).toBe(1);
    const got = await watched.checkpoint();
    got.runs.forEach((run, k) => {
      expectClose(run.parameters, want.runs[k].parameters, { rtol: 0, atol: 0 });
      // The untrained base is never right: without advantages only the first arm learns.
      expectClose(run.m, want.runs[k].m, { rtol: 0, atol: 0, allowZero: k > 0 });
    });
    await expect(watched.inspect({ arm: 'none', seed: 0 }, [])).rejects.toThrow(
      'inspect: run must exist, got none/0',
    );
  });
});

it('agrees with float64 on this adapter, as the trust panel says', async () => {
  const checks = await runChecks(device);
  expect(checks).toHaveLength(15);
  for (const { name, error, tolerance } of checks) {
    expect(error, name).toBeLessThanOrEqual(tolerance);
    expect(error, name).toBeGreaterThan(0);
  }
});
