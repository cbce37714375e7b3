// A method's WGSL as a JavaScript function in float64: the few scalar constructs that terms are
// made of are nearly the same in both languages. What the GPU makes of them is for test/kernels.
import type { Values } from '../../src/core/param.ts';
import type { TermMethod } from '../../src/methods/method.ts';

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
}

export interface Term {
  loss: number;
  d_logp: number;
  d_entropy: number;
  bound: number;
}

const BUILTINS = {
  ...{ abs: Math.abs, min: Math.min, max: Math.max, exp: Math.exp, log: Math.log },
  sign: Math.sign,
  clamp: (x: number, low: number, high: number) => Math.min(Math.max(x, low), high),
  select: (no: number, yes: number, condition: boolean) => (condition ? yes : no),
  Term: (loss: number, d_logp: number, d_entropy: number, bound: number): Term => ({
    ...{ loss, d_logp, d_entropy, bound },
  }),
};

/** @throws {SyntaxError} WGSL that is more than scalar arithmetic */
export function termFunction(method: TermMethod, values: Values): (token: Token) => Term {
  const body = method.wgsl
    .replace(/fn (\w+)\(t: Token(, \w+)?(: f32)?\) -> Term/, 'return function $1(t$2)')
    .replace(/\b(let|var) (\w+)(: \w+)?/g, 'let $2');
  const params = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key.replace('.', '_'), value]),
  );
  const names = Object.keys(BUILTINS);
  const make = new Function('params', ...names, body);
  const fn = make(params, ...Object.values(BUILTINS)) as (token: object, constant?: number) => Term;
  return (token) => {
    const log_ratio = BUILTINS.clamp(token.logp - token.old_logp, -20, 20);
    return fn({ ratio: Math.exp(log_ratio), ...token }, token.constant);
  };
}
