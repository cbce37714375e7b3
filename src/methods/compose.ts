/** Turns the active methods into the WGSL that the fused policy loss calls, and its uniform's layout. */
import type { Method, TermMethod } from './method.ts';

/** A fact that costs an extra pass. */
export type Need = NonNullable<Method['needs']>[number];

export interface Composed {
  /**
   * `struct Params`, the methods' functions, and
   * `fn objective(t: Token) -> Term`, `fn regularizers(t: Token) -> Term`.
   * The kernel declares the uniform, under the name `params`. Needs lib/token.wgsl.
   * The same methods in any order give the same text, so it can be a cache key.
   */
  wgsl: string;
  /**
   * Full names of the settings in the order of the f32 fields of `Params`. May be empty; then
   * `Params` has one unused field, so the uniform holds max(1, fields.length) floats.
   */
  fields: string[];
  needs: ReadonlySet<Need>;
}

/** The objective of the warm start: cross entropy of the demonstration. Not a choice on the page. */
export const SUPERVISED: TermMethod = {
  id: 'nll',
  label: 'cross entropy',
  stage: 'objective',
  summary: 'Makes every token of a demonstration likelier.',
  formula: String.raw`-\log \pi_\theta(a_t \mid s_t)`,
  paper: {
    title: 'A Neural Probabilistic Language Model',
    authors: 'Bengio, Ducharme, Vincent, Jauvin',
    year: 2003,
    url: 'https://www.jmlr.org/papers/v3/bengio03a.html',
  },
  params: {},
  wgsl: /* wgsl */ `
    fn nll(t: Token) -> Term {
      return Term(-t.logp, -1.0, 0.0, 0.0);
    }`,
};

/**
 * @param active methods of one arm; advantages act outside of the kernel and are passed over
 * @throws {RangeError} not exactly one objective
 */
export function composeMethods(active: readonly Method[]): Composed {
  const terms = active
    .filter((method): method is TermMethod => method.stage !== 'advantage')
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const objectives = terms.filter((method) => method.stage === 'objective');
  const regularizers = terms.filter((method) => method.stage === 'regularizer');
  if (objectives.length !== 1) {
    const got = objectives.map((method) => method.id).join(', ') || 'none';
    throw new RangeError(`composeMethods: need exactly one objective, got ${got}`);
  }
  const names = terms.flatMap((method) => Object.keys(method.params).map((p) => [method.id, p]));
  const fields = names.map(([id, param]) => `  ${id}_${param}: f32,`);
  const wgsl = [
    `struct Params {\n${fields.join('\n') || '  unused: f32,'}\n}`,
    ...terms.map((method) => dedent(method.wgsl)),
    `fn objective(t: Token) -> Term { return ${objectives[0].id}(t); }`,
    [
      'fn regularizers(t: Token) -> Term {',
      '  var sum = Term(0.0, 0.0, 0.0, 0.0);',
      ...regularizers.map((method) => `  sum = term_add(sum, ${method.id}(t));`),
      '  return sum;',
      '}',
    ].join('\n'),
  ];
  return {
    wgsl: `${wgsl.join('\n\n')}\n`,
    fields: names.map(([id, param]) => `${id}.${param}`),
    needs: new Set(active.flatMap((method) => method.needs ?? [])),
  };
}

/** Takes away the indentation that a method's text has from standing inside TypeScript. */
function dedent(text: string): string {
  const lines = text.replace(/^\s*\n|\s+$/g, '').split('\n');
  const indents = lines.filter((line) => line.trim()).map((line) => line.search(/\S/));
  return lines.map((line) => line.slice(Math.min(...indents))).join('\n');
}
