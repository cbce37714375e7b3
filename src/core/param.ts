/**
 * One declaration per setting. The slider, the check of what comes from outside, the uniform field, the URL key
 * and the label of a run all derive from it; a default stands here and nowhere else.
 *
 * Values are numbers throughout (a choice is the index of its option), so that a run's settings are one flat record
 * `{ 'entropy_bonus.alpha': 0.2 }` that can be compared, saved, posted and packed into a uniform buffer.
 */

interface Declared {
  /** Short name on the control. */
  label: string;
  /** One or two sentences for a learner: meaning, unit, what a large or small value does. */
  help: string;
  /** A change takes a restart of the run (it decides sizes or compiled code); others apply at the next step. */
  restarts?: boolean;
  /** Values at which training is known to break, or nothing to happen; the first that holds is said beside the control. */
  warns?: readonly Warning[];
  /** It has a say only while a choice or switch of the same owner (short name) has one of these values. */
  applies?: { setting: string; is: readonly number[] };
}

/** Holds from `from` to `to`, both included. */
export interface Warning {
  from?: number;
  to?: number;
  /** True: only with several updates per batch; false: only with one. */
  reused?: boolean;
  /** Only on this task, for what was seen there and is known to be otherwise elsewhere. */
  task?: string;
  /** A risk unless it says otherwise. */
  kind?: 'no effect';
  /** One or two sentences, with where it was seen. */
  text: string;
}

export interface NumberParam extends Declared {
  kind: 'number';
  default: number;
  min: number;
  max: number;
  /** 'log' spaces the slider by ratio. With min = 0 the slider has an extra stop at 0. */
  scale?: 'linear' | 'log';
  integer?: boolean;
  unit?: string;
}

export interface ChoiceParam extends Declared {
  kind: 'choice';
  /** Stored as an index into this list; files and URLs carry the id. */
  options: readonly { id: string; label: string }[];
  /** Index of the default option. */
  default: number;
}

export interface SwitchParam extends Declared {
  kind: 'switch';
  default: 0 | 1;
}

export type Param = NumberParam | ChoiceParam | SwitchParam;
/** Parameters by their short name, `alpha`. */
export type Params = Readonly<Record<string, Param>>;
/** Values by their full name, `entropy_bonus.alpha`. */
export type Values = Readonly<Record<string, number>>;

/** The range of a parameter in words, for messages and help. */
export function rangeOf(param: Param): string {
  if (param.kind === 'switch') return 'true or false';
  if (param.kind === 'choice') return `one of ${param.options.map((o) => o.id).join(', ')}`;
  return `${param.integer ? 'a whole number' : 'a number'} from ${param.min} to ${param.max}`;
}

/**
 * Checks one value from outside (a URL, a file, a command line).
 * @throws {RangeError} `key: must be <range>, got <value>`
 */
export function parseParam(key: string, param: Param, value: unknown): number {
  const parsed = toNumber(param, value);
  if (parsed === undefined) {
    throw new RangeError(
      `${key}: must be ${rangeOf(param)}, got ${JSON.stringify(value) ?? String(value)}`,
    );
  }
  return parsed;
}

function toNumber(param: Param, value: unknown): number | undefined {
  if (param.kind === 'switch') {
    if (value === true || value === 1 || value === 'true' || value === '1') return 1;
    return value === false || value === 0 || value === 'false' || value === '0' ? 0 : undefined;
  }
  if (param.kind === 'choice') {
    const index = param.options.findIndex((o) => o.id === value);
    if (index >= 0) return index;
    return typeof value === 'number' && param.options[value] ? value : undefined;
  }
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return undefined;
  if (number < param.min || number > param.max) return undefined;
  return param.integer && !Number.isInteger(number) ? undefined : number;
}

/** How a value stands in files and URLs: a choice by its id, a switch as a boolean. */
export function formatParam(param: Param, value: number): number | string | boolean {
  if (param.kind === 'choice') return param.options[value]?.id ?? value;
  return param.kind === 'switch' ? value === 1 : value;
}

/** Full names and defaults of one owner's parameters: `defaultsOf('grpo', …)` gives `{ 'grpo.eps': 1e-6 }`. */
export function defaultsOf(owner: string, params: Params): Values {
  return Object.fromEntries(
    Object.entries(params).map(([name, p]) => [`${owner}.${name}`, p.default]),
  );
}
