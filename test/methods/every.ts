// For tests of all methods, whichever there are: a batch, what a method computes of it, and the settings worth trying.
import { defaultsOf, type Values } from '../../src/core/param.ts';
import { Random } from '../../src/core/random.ts';
import { type TokenBatch, tokenBatch } from '../../src/core/token_batch.ts';
import { METHODS } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';

export const METHOD_LIST = [...METHODS.values()];

/** What methods read of each row. */
const READ = [
  'attention_entropy',
  ...METHOD_LIST.filter((m) => m.needs?.includes('row')).map(({ id }) => id),
];

/** 3 prompts with 4 responses each of 1 to 5 tokens; nothing is equal to anything else. */
export function aBatch(seed: number): TokenBatch {
  const random = new Random(seed);
  const lengths = Array.from({ length: 12 }, () => random.integer(1, 5));
  const N = lengths.reduce((a, b) => a + b, 0);
  const draw = (from: number, to: number) =>
    Float32Array.from({ length: N }, () => from + (to - from) * random.next());
  return tokenBatch(lengths, {
    group: Uint32Array.from(lengths, (_, i) => Math.floor(i / 4)),
    reward: Float64Array.from(lengths, () => random.next()),
    correct: Uint8Array.from(lengths, () => random.integer(0, 1)),
    answer: Int32Array.from(lengths, () => random.integer(-1, 2)),
    ...{ advantage: draw(-2, 2), old_logp: draw(-3, 0), old_entropy: draw(0, 2) },
    ...{ logp: draw(-3, 0), entropy: draw(0, 2), max_response: 6, progress: 0.5 },
    ...{ ref_logp: draw(-3, 0), value: draw(-1, 1), hint_entropy: draw(0, 2) },
    rows: Object.fromEntries(READ.map((key) => [key, draw(0, 1)])),
    counter: [seed, 7, 3],
  });
}

type Numbers = (batch: TokenBatch, values: Values) => ArrayLike<number>;

/** What a method computes in TypeScript, by the name of the function. */
export function stagesOf(method: Method): (readonly [string, Numbers])[] {
  if (method.stage === 'sampling') return [['keeps', method.keeps]];
  if ('tokenRewards' in method) return [['tokenRewards', method.tokenRewards]];
  if (method.stage === 'reward') return [['rewards', method.rewards]];
  if (method.stage === 'advantage') {
    const { advantages, critic } = method;
    return [['advantages', advantages], ...(critic ? [['targets', critic.targets] as const] : [])];
  }
  if (method.stage === 'shape') return [['shape', method.shape]];
  if (method.stage === 'weight') return [['weights', method.weights]];
  return method.constants ? [['constants', method.constants]] : [];
}

/** Values with those that the method steers itself, as they begin. */
export const beginOf = (method: Method, values: Values): Values => ({
  ...values,
  ...Object.fromEntries(
    Object.entries(method.state ?? {}).map(([name, begin]) => [
      `${method.id}.${name}`,
      begin(values),
    ]),
  ),
});

/** Defaults, every option of every choice, and the ends of every range. */
export function settingsOf(method: Method): Values[] {
  const defaults = defaultsOf(method.id, method.params);
  const changed = Object.entries(method.params).flatMap(([name, param]) => {
    const values =
      param.kind === 'number'
        ? [param.min, param.max]
        : param.kind === 'switch'
          ? [0, 1]
          : [...param.options.keys()];
    return values.map((value) => ({ ...defaults, [`${method.id}.${name}`]: value }));
  });
  return [defaults, ...changed].map((values) => beginOf(method, values));
}
