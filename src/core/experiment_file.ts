/**
 * The outer shape of an experiment file: which fields there are, of which kind, with which defaults.
 * What the names in it mean is for parse.ts.
 */
import * as v from 'valibot';

/** It stands in file names, messages and URL keys. */
const ID = /^[a-z0-9][a-z0-9_]*$/;
export const MAX_SEEDS = 12;
export const MAX_ARMS = 12;

const text = (most: number) =>
  v.pipe(v.string('text'), v.maxLength(most, `text of at most ${most} characters`));
const ids = () => v.array(v.string('the id of a method'), 'a list of method ids');
const whole = (most: number) => {
  const message = `a whole number from 0 to ${most}`;
  return v.pipe(
    v.number(message),
    v.integer(message),
    v.minValue(0, message),
    v.maxValue(most, message),
  );
};
const settings = () =>
  v.record(v.string(), v.unknown(), 'an object of settings such as {"trainer.prompts": 32}');
const distinct = <T>(items: readonly T[]) => new Set(items).size === items.length;

const ArmFile = v.looseObject(
  {
    // Optional only to be refused with its own message.
    id: v.optional(
      v.pipe(
        v.string('an id of a-z, 0-9 and _'),
        v.regex(ID, 'an id of a-z, 0-9 and _'),
        v.maxLength(40, 'an id of at most 40 characters'),
      ),
      '',
    ),
    name: v.optional(text(80)),
    algorithm: v.optional(v.string('the id of an algorithm')),
    methods: v.optional(ids()),
    settings: v.optional(settings(), {}),
    color: v.optional(whole(99)),
    enabled: v.optional(v.boolean('true or false'), true),
  },
  'an object that describes an arm',
);

const seedsMessage = `a list of 1 to ${MAX_SEEDS} different seeds`;
const armsMessage = `a list of 1 to ${MAX_ARMS} arms`;

const Shape = v.looseObject(
  {
    version: v.optional(v.literal(1, '1'), 1),
    name: v.optional(text(120), 'Experiment'),
    caption: v.optional(text(4000), ''),
    task: v.optional(v.string('the id of a task'), 'chain_sum'),
    model: v.optional(v.string('the id of a model'), 'nano'),
    base: v.optional(v.picklist(['shipped', 'train'], 'one of shipped, train'), 'shipped'),
    algorithm: v.optional(v.string('the id of an algorithm')),
    methods: v.optional(ids()),
    settings: v.optional(settings(), {}),
    arms: v.optional(
      v.pipe(
        v.array(ArmFile, armsMessage),
        v.minLength(1, armsMessage),
        v.maxLength(MAX_ARMS, armsMessage),
        v.check((arms) => distinct(arms.map((arm) => arm.id)), 'a list of arms with different ids'),
      ),
      [{ id: 'none' }],
    ),
    seeds: v.optional(
      v.pipe(
        v.array(whole(2 ** 31 - 1), seedsMessage),
        v.minLength(1, seedsMessage),
        v.maxLength(MAX_SEEDS, seedsMessage),
        v.check(distinct, seedsMessage),
      ),
      [0, 1, 2],
    ),
  },
  'an object that describes an experiment',
);

export type ExperimentFile = v.InferInput<typeof Shape>;
export type FilledFile = v.InferOutput<typeof Shape>;

/**
 * Checks the shape and fills the defaults.
 * @param notices gets a line for each field that is not known, and so not used
 * @throws {RangeError} `where: must be <kind>, got <value>`
 */
export function readShape(json: unknown, notices: string[]): FilledFile {
  // To valibot an array is an object too.
  const input = Array.isArray(json) ? undefined : json;
  const result = v.safeParse(Shape, input, { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    const where = v.getDotPath(issue) ?? 'experiment';
    throw new RangeError(
      `${where}: must be ${issue.message}, got ${show(where === 'experiment' ? json : issue.input)}`,
    );
  }
  const file = result.output;
  const unknown = (known: object, found: object, where: string) => {
    for (const key of Object.keys(found)) {
      if (!Object.hasOwn(known, key)) notices.push(`${where}${key}: not a known field, ignored`);
    }
  };
  unknown(Shape.entries, file, '');
  for (const arm of file.arms) unknown(ArmFile.entries, arm, `arms.${arm.id}.`);
  return file;
}

/** A value for a message: short, never failing. */
function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const json = (typeof value !== 'number' && JSON.stringify(value)) || String(value);
  return json.length > 80 ? `${json.slice(0, 79)}…` : json;
}
