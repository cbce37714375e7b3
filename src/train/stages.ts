/**
 * The stages of the methods that run in TypeScript, in their order (methods/method.ts): judged responses → rewards →
 * advantages of every token, once a step; then, for each minibatch, the constants that the fused loss reads.
 */
import { type AggregateId, tokenWeights } from '../core/aggregate.ts';
import type { Values } from '../core/param.ts';
import { perToken, responses, type TokenBatch, tokenBatch } from '../core/token_batch.ts';
import { type Composed, OBJECTIVE_WEIGHT } from '../methods/compose.ts';
import { isTerm, type Method, type TokenRewardMethod } from '../methods/method.ts';
import type { Judged } from './sampling.ts';

export interface StepFacts {
  groupSize: number;
  maxResponse: number;
  progress: number;
  /** Run's seed, stream and step. */
  counter: readonly number[];
}

/** What is known of sampled responses before any stage. */
export function tokenBatchOf(judged: readonly Judged[], facts: StepFacts): TokenBatch {
  const lengths = judged.map((r) => r.tokens.length);
  const join = (of: (r: Judged) => Float32Array): Float32Array => {
    const all = new Float32Array(lengths.reduce((a, b) => a + b, 0));
    let at = 0;
    for (const r of judged) {
      all.set(of(r), at);
      at += r.tokens.length;
    }
    return all;
  };
  return tokenBatch(lengths, {
    group: Uint32Array.from(judged, (_, i) => Math.floor(i / facts.groupSize)),
    reward: Float64Array.from(judged, (r) => r.verdict.reward),
    correct: Uint8Array.from(judged, (r) => Number(r.verdict.correct)),
    answer: numbered(judged.map((r) => r.verdict.answer)),
    old_logp: join((r) => r.logp),
    old_entropy: join((r) => r.entropy),
    max_response: facts.maxResponse,
    progress: facts.progress,
    counter: facts.counter,
  });
}

/** The same number for the same text, in the order of appearance; −1 for none. */
function numbered(texts: readonly (string | undefined)[]): Int32Array {
  const known = new Map<string, number>();
  return Int32Array.from(texts, (text) => {
    if (text === undefined) return -1;
    const number = known.get(text) ?? known.size;
    known.set(text, number);
    return number;
  });
}

/**
 * The stage of rewards: what replaces them first, then each on those before it.
 * @throws {Error} a method gave a number that is not finite, or too few
 */
export function rewarded(methods: readonly Method[], start: TokenBatch, values: Values) {
  let batch = start;
  const stage = methods.filter((m) => m.stage === 'reward');
  const replaces = (method: Method): number => Number('replaces' in method);
  stage.sort((a, b) => replaces(b) - replaces(a));
  for (const method of stage) {
    if ('tokenRewards' in method) {
      batch = paidAtTokens(method, batch, values);
      continue;
    }
    const reward = Float64Array.from(method.rewards(batch, values));
    batch = { ...batch, reward: checked(method, reward, start.reward.length) };
  }
  return batch;
}

function paidAtTokens(method: TokenRewardMethod, batch: TokenBatch, values: Values): TokenBatch {
  const paid = checked(method, method.tokenRewards(batch, values), batch.token_reward.length);
  const sums = responses(batch).map(({ from, to }) =>
    paid.subarray(from, to).reduce((a, b) => a + b, 0),
  );
  return {
    ...batch,
    token_reward: batch.token_reward.map((x, n) => x + (paid[n] as number)),
    reward: batch.reward.map((x, i) => x + (sums[i] as number)),
  };
}

/**
 * The stages of a whole step: rewards, advantages, shapes.
 * @throws {Error} a stage gave a number that is not finite, or too few; no advantage is active
 */
export function credit(methods: readonly Method[], start: TokenBatch, values: Values): TokenBatch {
  let batch = rewarded(methods, start, values);
  const advantage = methods.find((m) => m.stage === 'advantage');
  if (!advantage) throw new Error('stages: needs an advantage method, got none');
  const N = start.advantage.length;
  const first = perToken(batch, advantage.advantages(batch, values), advantage.id);
  const estimate = checked(advantage, first, N);
  batch = { ...batch, estimate, advantage: estimate };
  const target = advantage.critic?.targets(batch, values);
  if (target) batch = { ...batch, target: checked(advantage, target, N) };
  for (const method of methods.filter((m) => m.stage === 'shape')) {
    batch = { ...batch, advantage: checked(method, method.shape(batch, values), N) };
  }
  return batch;
}

export interface AggregateSettings {
  mode: AggregateId;
  maxResponse: number;
}

/** [B] the aggregate's weight of each token of a minibatch's responses. */
export function aggregateWeights(batch: TokenBatch, { mode, maxResponse }: AggregateSettings) {
  const lengths = responses(batch).map(({ from, to }) => to - from);
  return tokenWeights(mode, lengths, maxResponse);
}

/**
 * [N, K] what the fused loss reads for the tokens of a minibatch, in the order of the composed columns.
 * @throws {Error} a method gave a number that is not finite, or too few
 */
export function tokenConstants(
  methods: readonly Method[],
  { columns }: Composed,
  batch: TokenBatch,
  aggregate: AggregateSettings,
  values: Values,
): Float32Array {
  const N = batch.logp.length;
  const K = columns.length;
  const result = new Float32Array(N * K);
  columns.forEach((column, c) => {
    const numbers =
      column === OBJECTIVE_WEIGHT
        ? objectiveWeights(methods, batch, aggregate, values)
        : constantsOf(methods, column, batch, values);
    for (let n = 0; n < N; n++) result[n * K + c] = numbers[n] as number;
  });
  return result;
}

/** Tokens of a minibatch that have a policy gradient: an advantage, and weight. */
export function learningTokens({ columns }: Composed, batch: TokenBatch, constants: Float32Array) {
  const K = columns.length;
  const c = columns.indexOf(OBJECTIVE_WEIGHT);
  return batch.advantage.reduce((count, a, n) => {
    return count + Number(a !== 0 && (c < 0 || constants[K * n + c] !== 0));
  }, 0);
}

function constantsOf(methods: readonly Method[], id: string, batch: TokenBatch, values: Values) {
  const method = methods.filter(isTerm).find((m) => m.id === id);
  if (!method?.constants) throw new Error(`stages: ${id} must have constants, got none`);
  return checked(method, method.constants(batch, values), batch.logp.length);
}

/**
 * [N] by what the objective's loss of a token is multiplied on top of the trainer's aggregate: the factors of the
 * weight methods, and the quotient of the objective's own aggregate (over the tokens that count) and the trainer's.
 */
function objectiveWeights(
  methods: readonly Method[],
  batch: TokenBatch,
  aggregate: AggregateSettings,
  values: Values,
): Float32Array {
  const N = batch.logp.length;
  const factors = new Float32Array(N).fill(1);
  const counts = new Uint8Array(N).fill(1);
  for (const method of methods.filter((m) => m.stage === 'weight')) {
    const weights = checked(method, method.weights(batch, values), N);
    const drops = method.dropsTokens?.(values) ?? false;
    weights.forEach((weight, n) => {
      factors[n] = (factors[n] as number) * weight;
      if (drops && weight === 0) counts[n] = 0;
    });
  }
  const objective = methods.find((m) => m.stage === 'objective');
  const mode = (objective?.stage === 'objective' && objective.aggregate) || aggregate.mode;
  const ranges = responses(batch);
  const kept = ranges.map(({ from, to }) => counts.subarray(from, to).reduce((a, b) => a + b, 0));
  const wanted = tokenWeights(mode, kept, aggregate.maxResponse);
  const given = aggregateWeights(batch, aggregate);
  ranges.forEach(({ from, to }, i) => {
    const quotient = (wanted[i] as number) / (given[i] as number);
    for (let n = from; n < to; n++) factors[n] = (factors[n] as number) * quotient;
  });
  return factors;
}

function checked<A extends Float32Array | Float64Array>(
  method: Method,
  numbers: A,
  count: number,
): A {
  if (numbers.length !== count)
    throw new Error(`${method.id}: needs ${count} numbers, got ${numbers.length}`);
  const bad = numbers.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) throw new Error(`${method.id}: numbers must be finite, got ${numbers[bad]}`);
  return numbers;
}
