/**
 * Checks for what is kept beside curves: sample responses, accuracy by difficulty, answers to the fixed prompts, forks.
 * From a file or a database.
 */
import * as v from 'valibot';
import { SAMPLINGS, TILE_IDS } from './tile_choice.ts';

const MAX_TOKENS = 4096;
const whole = (most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(most, `at most ${most}`));
const finite = () => v.pipe(v.number(), v.finite());
const text = (most: number) => v.pipe(v.string(), v.maxLength(most));

export const RunIdShape = v.object({ arm: text(40), seed: whole(2 ** 31 - 1) });
export const StepShape = whole(1e6);

const Tokens = v.pipe(v.array(whole(1e6)), v.maxLength(MAX_TOKENS));
const PerToken = v.pipe(v.array(finite()), v.maxLength(MAX_TOKENS));

/** Shares at the latent positions that tokens begin with. */
const Mixtures = v.optional(v.pipe(v.array(PerToken), v.maxLength(MAX_TOKENS)));

const areAsLong = (tokens: readonly number[], columns: readonly (readonly number[])[]): boolean =>
  columns.every((values) => values.length === tokens.length);

const SampleShape = v.pipe(
  v.object({
    tokens: Tokens,
    entropy: PerToken,
    logp: PerToken,
    p_eos: v.optional(PerToken, []),
    mixtures: v.fallback(Mixtures, undefined),
    reward: finite(),
    correct: v.boolean(),
    reason: text(400),
    advantage: finite(),
    // What a batch decided for single tokens; without it the microscope says which terms it cannot show.
    advantages: v.fallback(v.optional(PerToken), undefined),
    constants: v.fallback(v.optional(v.record(text(80), PerToken)), undefined),
  }),
  v.check(
    ({ tokens, mixtures = [], entropy, logp, p_eos, advantages = tokens, constants = {} }) =>
      mixtures.length <= tokens.length &&
      areAsLong(tokens, [entropy, logp, advantages, ...Object.values(constants)]) &&
      (p_eos.length === 0 || areAsLong(tokens, [p_eos])),
    'one entropy, one log-probability and so on for each token, and no more mixtures than tokens',
  ),
);

export const ResponsesShape = v.object({
  ...RunIdShape.entries,
  step: StepShape,
  prompt: Tokens,
  answer: text(400),
  samples: v.pipe(v.array(SampleShape), v.maxLength(64)),
});

export const DifficultyShape = v.object({
  ...RunIdShape.entries,
  step: StepShape,
  pairs: v.pipe(v.array(v.tuple([finite(), finite()])), v.maxLength(200)),
});

/** Evaluations of one run whose answers to the fixed prompts are kept; of more, those that stand close go. */
export const MAX_EVALUATIONS = 48;
const MAX_PROBES = 8;

const Means = v.object({
  kinds: v.pipe(
    v.array(v.object({ kind: text(80), mean: finite(), tokens: whole(1e9) })),
    v.maxLength(64),
  ),
  parts: v.pipe(v.array(v.nullable(finite())), v.maxLength(100)),
});

/** What tokens of held-out responses told about the answer, where that was read. */
const GainsShape = v.object({
  responses: whole(1e6),
  gains: v.object({ entropy: Means, logp: Means }),
});

/** Answers to the fixed prompts at one evaluation; probabilities as the file or the database has them. */
export function probesShape<T extends v.GenericSchema>(probabilities: T) {
  return v.object({
    ...RunIdShape.entries,
    step: StepShape,
    samples: v.pipe(
      v.array(
        v.pipe(
          v.object({
            ...{ prompt: Tokens, answer: text(400), context: Tokens, probabilities },
            ...{ tokens: Tokens, logp: PerToken, entropy: PerToken, p_eos: PerToken },
            mixtures: v.fallback(Mixtures, undefined),
            ...{ correct: v.boolean(), reason: text(400) },
          }),
          v.check((sample) => {
            // The type of `probabilities` is open, and with it what valibot makes of the object's.
            const { tokens, logp, entropy, p_eos } = sample as Record<string, number[]>;
            return areAsLong(tokens, [logp, entropy, p_eos]);
          }, 'one entropy, one log-probability and one probability of the end for each token'),
        ),
      ),
      v.maxLength(MAX_PROBES),
    ),
    gains: v.fallback(v.optional(GainsShape), undefined),
  });
}

export const ProbesShape = probesShape(
  v.custom<Float32Array>(
    (value) => value instanceof Float32Array && value.every(Number.isFinite),
    'an array of finite floats',
  ),
);

/** An arm that began as a copy of another one after `step` steps. */
export const ForkShape = v.object({ arm: text(40), from: text(40), step: StepShape });

export const DetailsShape = v.object({
  responses: v.pipe(v.array(ResponsesShape), v.maxLength(500)),
  difficulty: v.pipe(
    v.array(v.object({ first: DifficultyShape, last: DifficultyShape })),
    v.maxLength(500),
  ),
});

export const TileShape = v.picklist(TILE_IDS, 'must be alone, quad or staged');
/** What a run was computed with: bits repeat on the same adapter with the same family of kernels. */
export const SamplingShape = v.picklist(SAMPLINGS, 'must be loop or mega');

export const MadeByShape = v.object({
  adapter: text(400),
  tile: TileShape,
  sampling: v.optional(SamplingShape),
});

/** One entry, unless a run went on elsewhere. */
export const MakersShape = v.pipe(v.array(MadeByShape), v.maxLength(20));

export type MadeBy = v.InferOutput<typeof MadeByShape>;
export type KeptResponses = v.InferOutput<typeof ResponsesShape>;
export type KeptDifficulty = v.InferOutput<typeof DifficultyShape>;
export type KeptProbes = v.InferOutput<typeof ProbesShape>;
export type Fork = v.InferOutput<typeof ForkShape>;
export type Details = v.InferOutput<typeof DetailsShape>;

/** @throws {RangeError} `where.path: must be …`, for the first thing that does not hold */
export function check<T extends v.GenericSchema>(
  where: string,
  shape: T,
  value: unknown,
): v.InferOutput<T> {
  const result = v.safeParse(shape, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  throw new RangeError(`${where}${path ? `.${path}` : ''}: ${issue.message}`);
}
