// A method's WGSL as a JavaScript function in float64: the few scalar constructs that terms are
// made of are nearly the same in both languages. What the GPU makes of them is for test/kernels.
import type { Values } from '../../src/core/param.ts';
import type { Method, TermMethod } from '../../src/methods/method.ts';
import { likeliest } from '../../src/reference/functionals.ts';
import { softmaxRow } from '../../src/reference/losses.ts';

/** As struct Token in shaders/lib/token.wgsl; `ratio` is added here, with the kernel's clamp. */
export interface Token {
  logp: number;
  old_logp: number;
  ref_logp: number;
  entropy: number;
  advantage: number;
  /** Where a stop-gradient holds it; else it follows from the log-probabilities. */
  ratio?: number;
  /** Of a method that has constants. */
  constant?: number;
  /** Of a method that has a row functional. */
  row?: number;
}

export interface Term {
  loss: number;
  d_logp: number;
  d_entropy: number;
  bound: number;
  /** Of a method that has a row functional. */
  d_row?: number;
}

/** As struct Choice in shaders/lib/choice.wgsl. */
export interface Choice {
  logp: number;
  p: number;
  inside: boolean;
}

export interface Sums {
  x: number;
  y: number;
  z: number;
  w: number;
}

/** V of the kernel that a method's text would stand in. */
export const VOCABULARY = 7;

const BUILTINS = {
  ...{ abs: Math.abs, min: Math.min, max: Math.max, exp: Math.exp, log: Math.log },
  sign: Math.sign,
  clamp: (x: number, low: number, high: number) => Math.min(Math.max(x, low), high),
  select: (no: number, yes: number, condition: boolean) => (condition ? yes : no),
  Term: (loss: number, d_logp: number, d_entropy: number, bound: number): Term => ({
    ...{ loss, d_logp, d_entropy, bound },
  }),
  RowTerm: (term: Term, d_row: number): Term => ({ ...term, d_row }),
  vec4f: (x: number, y: number, z: number, w: number): Sums => ({ x, y, z, w }),
  choice: (logp: number, inside: boolean): Choice => ({ logp, p: Math.exp(logp), inside }),
  power_difference({ logp, p }: Choice, q: number): number {
    const x = (q - 1) * logp;
    if (x === 0) return p * logp;
    return Math.abs(x) > 1 ? (Math.exp(q * logp) - p) / (q - 1) : (p * Math.expm1(x)) / (q - 1);
  },
  f32: (x: number) => x,
};

/** The WGSL of one or several functions, whose names are given back. */
function functions(wgsl: string, names: readonly string[], values: Values, V: number): unknown[] {
  const body = wgsl
    .replace(/\) -> \w+ \{/g, ') {')
    .replace(/\bfn (\w+)\(([^)]*)\)/g, (_, name, args) => {
      return `function ${name}(${args.replace(/: \w+/g, '')})`;
    })
    .replace(/\b(let|var) (\w+)(: \w+)?/g, 'let $2')
    .replace(/\b(\d+)u\b/g, '$1');
  const params = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key.replace('.', '_'), value]),
  );
  const made = names.map((name) => `typeof ${name} === 'undefined' ? undefined : ${name}`);
  const make = new Function(
    'params',
    'V',
    ...Object.keys(BUILTINS),
    `${body}\nreturn [${made.join(', ')}];`,
  );
  return make(params, V, ...Object.values(BUILTINS));
}

export interface RowFunctions {
  sums(c: Choice): Sums;
  row(sums: Sums): number;
  /** Where the method is a term. */
  slope?(c: Choice, sums: Sums): number;
  /** Where its set is ranked. */
  takes?(before: number, p: number, rank: number): boolean;
}

/** The functions of a method's row functional, likewise. */
export function rowFunctions({ id, row }: Method, values: Values, V = VOCABULARY): RowFunctions {
  if (!row) throw new Error(`${id}: must have a row functional`);
  const parts = ['sums', 'row', 'slope', 'takes'];
  const found = functions(
    row.wgsl,
    parts.map((part) => `${id}_${part}`),
    values,
    V,
  );
  return Object.fromEntries(parts.map((part, i) => [part, found[i]])) as unknown as RowFunctions;
}

/** Value of a method's row functional and its gradient in the logits, as the kernel forms it; temperature 1. */
export function rowFunctional(
  method: Method,
  values: Values,
  logits: ArrayLike<number>,
  V = logits.length,
) {
  const f = rowFunctions(method, values, V);
  const { p, log_p } = softmaxRow(logits, 0, logits.length);
  const { takes } = f;
  const set = takes && new Set(likeliest(p, takesInOrder(takes)));
  const choices = Array.from(p, (x, j): Choice => {
    return { logp: log_p[j], p: x, inside: set?.has(j) ?? true };
  });
  const sums = { x: 0, y: 0, z: 0, w: 0 };
  for (const c of choices) {
    const own = f.sums(c);
    for (const key of ['x', 'y', 'z', 'w'] as const) sums[key] += own[key];
  }
  const slopes = choices.map((c) => f.slope?.(c, sums) ?? Number.NaN);
  const total = slopes.reduce((a, b) => a + b, 0);
  return {
    value: f.row(sums),
    gradient: Float64Array.from(slopes, (w, j) => w - p[j] * total),
    set,
  };
}

function takesInOrder(takes: (before: number, p: number, rank: number) => boolean) {
  let rank = 0;
  return (before: number, own: number): boolean => takes(before, own, rank++);
}

/** @throws {SyntaxError} WGSL that is more than scalar arithmetic */
export function termFunction(
  method: TermMethod,
  values: Values,
  V = VOCABULARY,
): (token: Token) => Term {
  const [fn] = functions(method.wgsl, [method.id], values, V) as [
    (token: object, ...args: unknown[]) => Term,
  ];
  return (token) => {
    const log_ratio = BUILTINS.clamp(token.logp - token.old_logp, -20, 20);
    const args = [
      ...(method.constants ? [token.constant] : []),
      ...(method.row ? [token.row] : []),
    ];
    return fn({ ratio: Math.exp(log_ratio), ...token }, ...args);
  };
}
