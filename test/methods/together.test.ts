// Methods in arms of every kind, drawn at random, on batches at the edge: one prompt, one response, one token, certain
// tokens, equal rewards, ratios far from 1. Three steps of two updates each, with what the methods steer in between.
import { expect, test } from 'vitest';
import { AGGREGATES } from '../../src/core/aggregate.ts';
import { conflictOf } from '../../src/core/catalog.ts';
import type { Param, Values } from '../../src/core/param.ts';
import { Random } from '../../src/core/random.ts';
import {
  groups,
  selectResponses,
  type TokenBatch,
  tokenBatch,
} from '../../src/core/token_batch.ts';
import { composeMethods } from '../../src/methods/compose.ts';
import type { Method } from '../../src/methods/method.ts';
import { credit, learningTokens, tokenConstants } from '../../src/train/stages.ts';
import { METHOD_LIST } from './every.ts';

const SINGLE = ['sampling', 'advantage', 'objective'];
const of = (stage: Method['stage']) => METHOD_LIST.filter((method) => method.stage === stage);
const OTHERS = METHOD_LIST.filter(({ stage }) => !SINGLE.includes(stage));
/** Estimators to which a prompt whose responses all earned the same says nothing, whatever the others did. */
const BY_PROMPT = ['grpo', 'grpo_passk', 'rloo', 'opo', 'hapo_average'];

/** An arm whose methods go together. */
function anArm(random: Random): Method[] {
  for (;;) {
    const others = Array.from({ length: random.integer(0, 3) }, () => random.pick(OTHERS));
    const arm = [random.pick(of('advantage')), random.pick(of('objective')), ...others];
    if (!conflictOf([...new Set(arm)])) return [...new Set(arm)];
  }
}

function aValue(param: Param, random: Random): number {
  if (param.kind === 'switch') return random.integer(0, 1);
  if (param.kind === 'choice') return random.integer(0, param.options.length - 1);
  const x = param.min + (param.max - param.min) * random.next() ** 2;
  return random.pick([param.default, param.min, param.max, param.integer ? Math.round(x) : x]);
}

function anEdge(random: Random, step: number): TokenBatch {
  const [G, P, longest] = [
    [1, 2, 3, 8],
    [1, 1, 2, 5],
    [1, 3, 7],
  ].map((of) => random.pick(of));
  const lengths = Array.from({ length: G * P }, () => random.integer(1, longest));
  const N = lengths.reduce((a, b) => a + b, 0);
  const fill = (one: () => number) => Float32Array.from({ length: N }, one);
  const between = (from: number, to: number) => fill(() => from + (to - from) * random.next());
  const entropy = random.pick([0, 1e-12, 0.5, 2.7]);
  const same = random.next() < 0.3;
  const reward = random.pick([0, 0.1, 0.7, 1]);
  const rewards = lengths.map(() => (same ? reward : random.pick([0, reward, random.next()])));
  return tokenBatch(lengths, {
    group: Uint32Array.from(lengths, (_, i) => Math.floor(i / G)),
    reward: Float64Array.from(rewards),
    correct: Uint8Array.from(rewards, (r) => Number(r === 1)),
    answer: Int32Array.from(lengths, () => random.integer(-1, 2)),
    old_logp: between(random.pick([0, -1e-7, -3, -60]), 0),
    old_entropy: random.next() < 0.5 ? fill(() => entropy) : between(0, entropy),
    ...{ ref_logp: between(-3, 0), value: between(-1, 1), hint_entropy: between(0, entropy) },
    answer_entropy: fill(() => random.pick([-1, 0, 1.2])),
    answer_logp: fill(() => random.pick([1, -0.3, -2])),
    rows: Object.fromEntries(
      ['attention_entropy', ...METHOD_LIST.map(({ id }) => id)].map((key) => [
        key,
        between(0, random.pick([0, 1])),
      ]),
    ),
    ...{ max_response: random.pick([longest, 40]), progress: step / 3, counter: [5, 7, step] },
  });
}

/** As the policy is after it has moved far, or hardly. */
function moved(batch: TokenBatch, random: Random): TokenBatch {
  const by = random.pick([0, 0.1, 40]);
  const logp = batch.old_logp.map((x) => Math.min(0, x + by * (random.next() - 0.5)));
  const entropy = batch.old_entropy.map((h) => Math.max(0, h + 0.1 * (random.next() - 0.5)));
  return { ...batch, logp, entropy };
}

test('every arm gives finite numbers at the edge', () => {
  for (let seed = 0; seed < 600; seed++) {
    const random = new Random(9, seed);
    const methods = anArm(random);
    const names = `${seed}: ${methods.map(({ id }) => id).join(' + ')}`;
    const composed = composeMethods(methods);
    let values: Values = Object.fromEntries(
      methods.flatMap(({ id, params }) =>
        Object.entries(params).map(([name, p]) => [`${id}.${name}`, aValue(p, random)]),
      ),
    );
    const take = (changes: Values = {}): void => {
      for (const [key, x] of Object.entries(changes))
        expect(Number.isFinite(x), `${names}, ${key} ${x}`).toBe(true);
      values = { ...values, ...changes };
    };
    for (const { id, state = {} } of methods)
      for (const [name, begin] of Object.entries(state)) take({ [`${id}.${name}`]: begin(values) });
    for (let step = 1; step <= 3; step++) {
      const start = anEdge(random, step);
      // They throw what is not finite.
      const batch = credit(methods, start, values);
      if (BY_PROMPT.includes(methods[0]?.id ?? '')) expectNoSignal(start, batch, names);
      const half = Math.ceil(start.group.length / 2);
      const whole = [...start.index.keys()];
      for (const [number, indices] of [whole.slice(0, half), whole].entries()) {
        const minibatch = moved(selectResponses(batch, indices), random);
        const tokens = { ...minibatch, counter: [5, 7, step, number] };
        if (number === 0) for (const m of methods) take(m.observe?.(tokens, values));
        const aggregate = { mode: random.pick(AGGREGATES).id, maxResponse: 40 };
        const constants = tokenConstants(methods, composed, tokens, aggregate, values);
        expect(learningTokens(composed, tokens, constants)).toBeLessThanOrEqual(tokens.logp.length);
      }
      const entropy = batch.old_entropy.reduce((a, b) => a + b, 0) / batch.old_entropy.length;
      for (const m of methods) take(m.control?.({ entropy }, values, batch));
    }
  }
});

/** Where nothing was paid or taken after the task, and all of a prompt earned the same. */
function expectNoSignal(start: TokenBatch, batch: TokenBatch, names: string): void {
  for (const { from, to } of groups(start)) {
    const earned = new Set(batch.reward.subarray(from, to));
    if (to - from < 2 || earned.size > 1) continue;
    const estimates = batch.estimate.subarray(batch.starts[from], batch.starts[to]);
    expect(
      [...estimates].every((a) => Math.abs(a) === 0),
      names,
    ).toBe(true);
  }
}
