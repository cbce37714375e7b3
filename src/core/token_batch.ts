/**
 * What the TypeScript stages of a method know of a batch: facts of the responses of a step or a minibatch and of their
 * tokens. Ragged, so that there is no padding that could count; every number here is a constant to the gradient.
 */
import { uniform } from './random.ts';

export interface TokenBatch {
  /** [B + 1] where each response's tokens begin, and N after the last; a response has at least one token. */
  starts: Uint32Array;
  /** [B] number of the response in its step; travels with it into minibatches, so that draws are keyed by it. */
  index: Uint32Array;
  /**
   * [B] number of its prompt; the responses to one prompt are adjacent, and never parted but by those that a sampling
   * method puts in their place after the shape stage.
   */
  group: Uint32Array;
  /** [B] what the advantage is made of: the task's reward after the reward stage. */
  reward: Float64Array;
  /** [B] 1 where the answer is right, whatever the reward says. */
  correct: Uint8Array;
  /** [B] which answer was given: the same number for the same one, −1 for none. Says nothing of which is right. */
  answer: Int32Array;
  /** [N] what the reward stage paid at single tokens; `reward` holds their sum as well. */
  token_reward: Float32Array;
  /** [N] as the advantage stage left it, before shapes; 0 before that stage. */
  estimate: Float32Array;
  /** [N] after the shape stage; 0 before the advantage stage. */
  advantage: Float32Array;
  /** [N] nats, of the taken token when it was sampled. */
  old_logp: Float32Array;
  /** [N] nats, when it was sampled. */
  old_entropy: Float32Array;
  /** [N] nats, of the policy that is updated where a method needs 'current'; else as sampled. */
  logp: Float32Array;
  /** [N] nats, likewise. */
  entropy: Float32Array;
  /** [N] nats, of the frozen base, where a method needs 'sampled_ref_logp'; else 0. */
  ref_logp: Float32Array;
  /**
   * [N] nats: entropy of the answer, and log-probability of the right one, if the response closed its reasoning before this
   * token; where a method needs 'answers'. −1 and 1, which neither can be, where the reasoning is over.
   */
  answer_entropy: Float32Array;
  answer_logp: Float32Array;
  /** [N] nats, when it was sampled, had the prompt told the right answer; where a method needs 'hint_entropy', else 0. */
  hint_entropy: Float32Array;
  /** [N] of the value head when it was sampled, where a method needs 'value'; else 0. */
  value: Float32Array;
  /** [N] what the value head should have said, likewise; 0 before the advantage stage. */
  target: Float32Array;
  /** [N] each, of the policy that is updated: what methods need beside, by key (methods/method.ts, Need). */
  rows: Readonly<Record<string, Float32Array>>;
  /** Most tokens of a response. */
  max_response: number;
  /** Share of the run's steps that will be done after this one, in (0, 1]. */
  progress: number;
  /** Counter of the random numbers of this run, step and update (core/random.ts). */
  counter: readonly number[];
}

/**
 * A batch of responses of these lengths. What `facts` does not give is 0; every response has a prompt of its own; logp
 * and entropy are those of sampling.
 */
export function tokenBatch(
  lengths: ArrayLike<number>,
  facts: Partial<Omit<TokenBatch, 'starts'>>,
): TokenBatch {
  const B = lengths.length;
  const starts = new Uint32Array(B + 1);
  for (let i = 0; i < B; i++) starts[i + 1] = (starts[i] as number) + (lengths[i] as number);
  const zeros = new Float32Array(starts[B] as number);
  const { old_logp = zeros, old_entropy = zeros } = facts;
  return {
    starts,
    index: Uint32Array.from({ length: B }, (_, i) => i),
    group: Uint32Array.from({ length: B }, (_, i) => i),
    reward: new Float64Array(B),
    correct: new Uint8Array(B),
    answer: new Int32Array(B).fill(-1),
    token_reward: zeros,
    estimate: zeros,
    advantage: zeros,
    old_logp,
    old_entropy,
    logp: old_logp,
    entropy: old_entropy,
    ref_logp: zeros,
    answer_entropy: new Float32Array(zeros.length).fill(-1),
    answer_logp: new Float32Array(zeros.length).fill(1),
    hint_entropy: zeros,
    value: zeros,
    target: zeros,
    rows: {},
    max_response: Math.max(...Array.from(lengths)),
    progress: 1,
    counter: [0],
    ...facts,
  };
}

/** Half-open ranges of tokens, one per response. */
export function responses({ starts }: TokenBatch): { from: number; to: number }[] {
  return Array.from({ length: starts.length - 1 }, (_, i) => ({
    from: starts[i] as number,
    to: starts[i + 1] as number,
  }));
}

/** [prompts] the responses to each prompt, also where others have taken the place of some. */
export function byPrompt({ group }: Pick<TokenBatch, 'group'>): number[][] {
  const found = new Map<number, number[]>();
  group.forEach((prompt, i) => {
    const known = found.get(prompt);
    if (known) known.push(i);
    else found.set(prompt, [i]);
  });
  return [...found.values()];
}

/** Half-open ranges of responses, one per prompt, while none has taken another's place. */
export function groups({ group }: TokenBatch): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (let i = 0; i < group.length; i++) {
    const last = found[found.length - 1];
    if (last && group[i] === group[i - 1]) last.to = i + 1;
    else found.push({ from: i, to: i + 1 });
  }
  return found;
}

/**
 * One value per token from one per response. Values that are per token already pass as they are.
 * @throws {RangeError} neither B nor N values
 */
export function perToken(batch: TokenBatch, values: ArrayLike<number>, who: string): Float32Array {
  const B = batch.group.length;
  const N = batch.starts[B] as number;
  if (values.length === N) return Float32Array.from(values);
  if (values.length !== B) {
    throw new RangeError(
      `${who}: needs a value per response (${B}) or per token (${N}), got ${values.length}`,
    );
  }
  const result = new Float32Array(N);
  responses(batch).forEach(({ from, to }, i) => {
    result.fill(values[i] as number, from, to);
  });
  return result;
}

/**
 * [N] the reward where it arrives: what was paid at single tokens stands there, all else on the last token of its
 * response. Each response's sum is its `reward`.
 */
export function rewardsOfTokens(batch: TokenBatch): Float64Array {
  const result = Float64Array.from(batch.token_reward);
  responses(batch).forEach(({ from, to }, i) => {
    const paid = result.subarray(from, to).reduce((a, b) => a + b, 0);
    result[to - 1] = (result[to - 1] as number) + ((batch.reward[i] as number) - paid);
  });
  return result;
}

/**
 * Uniform in [0, 1) for every response, the same wherever it stands in the batch.
 * @param salt with which no other method draws, or what two of them choose at random would be the same
 */
export function drawPerResponse(batch: TokenBatch, salt: number): Float64Array {
  return Float64Array.from(batch.index, (index) => uniform(...batch.counter, salt, index));
}

/** Uniform in [0, 1) for every token, likewise. */
export function drawPerToken(batch: TokenBatch, salt: number): Float64Array {
  const result = new Float64Array(batch.logp.length);
  responses(batch).forEach(({ from, to }, i) => {
    const key = [...batch.counter, salt, batch.index[i] as number];
    for (let n = from; n < to; n++) result[n] = uniform(...key, n - from);
  });
  return result;
}

/** All responses of one batch, then all of another, renumbered; what is of the whole batch is the first's. */
export function joinBatches(a: TokenBatch, b: TokenBatch): TokenBatch {
  const join = <A extends Float32Array | Float64Array | Uint8Array | Int32Array | Uint32Array>(
    x: A,
    y: A,
    by = 0,
  ): A => {
    const joined = new (x.constructor as new (length: number) => A)(x.length + y.length);
    joined.set(x);
    joined.set(by === 0 ? y : y.map((value: number) => value + by), x.length);
    return joined;
  };
  const after = (x: Uint32Array): number => x.reduce((most, i) => Math.max(most, i + 1), 0);
  const rows = Object.keys(a.rows).map((key) => [
    key,
    join(a.rows[key] as Float32Array, b.rows[key] as Float32Array),
  ]);
  return {
    ...a,
    starts: join(a.starts, b.starts.slice(1), a.starts[a.starts.length - 1]),
    index: join(a.index, b.index, after(a.index)),
    group: join(a.group, b.group, after(a.group)),
    reward: join(a.reward, b.reward),
    correct: join(a.correct, b.correct),
    answer: join(a.answer, b.answer),
    token_reward: join(a.token_reward, b.token_reward),
    estimate: join(a.estimate, b.estimate),
    advantage: join(a.advantage, b.advantage),
    old_logp: join(a.old_logp, b.old_logp),
    old_entropy: join(a.old_entropy, b.old_entropy),
    logp: join(a.logp, b.logp),
    entropy: join(a.entropy, b.entropy),
    ref_logp: join(a.ref_logp, b.ref_logp),
    answer_entropy: join(a.answer_entropy, b.answer_entropy),
    answer_logp: join(a.answer_logp, b.answer_logp),
    hint_entropy: join(a.hint_entropy, b.hint_entropy),
    value: join(a.value, b.value),
    target: join(a.target, b.target),
    rows: Object.fromEntries(rows),
  };
}

/** These responses of a batch, in this order; whole groups, or group statistics change their meaning. */
export function selectResponses(batch: TokenBatch, indices: readonly number[]): TokenBatch {
  const starts = new Uint32Array(indices.length + 1);
  const tokens: number[] = [];
  indices.forEach((i, at) => {
    for (let n = batch.starts[i] as number; n < (batch.starts[i + 1] as number); n++) {
      tokens.push(n);
    }
    starts[at + 1] = tokens.length;
  });
  const pick = (of: Float32Array): Float32Array =>
    Float32Array.from(tokens, (n) => of[n] as number);
  return {
    ...batch,
    starts,
    index: Uint32Array.from(indices, (i) => batch.index[i] as number),
    group: Uint32Array.from(indices, (i) => batch.group[i] as number),
    reward: Float64Array.from(indices, (i) => batch.reward[i] as number),
    correct: Uint8Array.from(indices, (i) => batch.correct[i] as number),
    answer: Int32Array.from(indices, (i) => batch.answer[i] as number),
    token_reward: pick(batch.token_reward),
    estimate: pick(batch.estimate),
    advantage: pick(batch.advantage),
    old_logp: pick(batch.old_logp),
    old_entropy: pick(batch.old_entropy),
    logp: pick(batch.logp),
    entropy: pick(batch.entropy),
    ref_logp: pick(batch.ref_logp),
    answer_entropy: pick(batch.answer_entropy),
    answer_logp: pick(batch.answer_logp),
    hint_entropy: pick(batch.hint_entropy),
    value: pick(batch.value),
    target: pick(batch.target),
    rows: Object.fromEntries(Object.entries(batch.rows).map(([key, of]) => [key, pick(of)])),
  };
}
