/** Turns the active methods into the WGSL that the fused policy loss calls, and its uniform's layout. */
import {
  gradientText,
  measureText,
  READ_COLUMNS,
  type RowOwner,
  storeText,
} from './compose_rows.ts';
import { isTerm, type Method, type Need, type TermMethod } from './method.ts';

export interface Composed {
  /**
   * `struct Params`, the methods' functions, and
   * `fn objective(t: Token, n: u32) -> Term`, `fn regularizers(t: Token, n: u32) -> Term`, n the row.
   * The kernel declares the uniform, under the name `params`; where there are columns, `constants` is declared here.
   * Where a regularizer has a row functional, `rows_measure`, `rows_total` and `rows_gradient` follow (`hasRows`).
   * Needs lib/token.wgsl, and lib/choice.wgsl then. The same methods in any order give the same text, so it can be a cache key.
   */
  wgsl: string;
  /** False: the kernel takes lib/rows_none.wgsl. */
  hasRows: boolean;
  /**
   * Full names of the settings in the order of the f32 fields of `Params`. May be empty; then
   * `Params` has one unused field, so the uniform holds max(1, fields.length) floats.
   */
  fields: string[];
  /**
   * Columns of `constants` [N, columns.length], in order: ids of methods that have some, last OBJECTIVE_WEIGHT where
   * the objective's tokens do not all count as the aggregate says.
   */
  columns: string[];
  needs: ReadonlySet<Need>;
  /** What is read back before each update beside logp and entropy: keys of batch.rows and floats of a row of stats. */
  reads: { key: string; column: number }[];
  /**
   * `fn latent_objective(t: Token, n: u32) -> Term`, the policy loss of a row that predicts a mixture, whatever the
   * objective: −A Σ_k y_k log p_k, no ratio, no clip, under the same weights. Compiled where the engine has such rows.
   */
  latentWgsl: string;
  /** For row_reads.wgsl: `struct Params`, `rows_measure`, `rows_store`; where a method needs its row functional. */
  readsWgsl?: string;
}

export const OBJECTIVE_WEIGHT = 'objective weight';

/** At a latent position `t.logp` is Σ_k y_k log p_k. */
const LATENT_TERM = 'Term(-t.advantage * t.logp, -t.advantage, 0.0, 0.0)';

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
  fidelity: 'published',
  params: {},
  knows_latent: true,
  wgsl: /* wgsl */ `
    fn nll(t: Token) -> Term {
      return Term(-t.logp, -1.0, 0.0, 0.0);
    }`,
};

/** Short names of the values that a method's WGSL may read, in the order of the uniform. */
export const fieldsOf = ({ params, state = {} }: Method): string[] => [
  ...Object.keys(params),
  ...Object.keys(state),
];

/**
 * @param active methods of one arm; those that act outside of the kernel are passed over
 * @throws {RangeError} not exactly one objective
 */
export function composeMethods(active: readonly Method[]): Composed {
  const terms = active.filter(isTerm).sort((a, b) => (a.id < b.id ? -1 : 1));
  const objectives = terms.filter((method) => method.stage === 'objective');
  const regularizers = terms.filter((method) => method.stage === 'regularizer');
  const [objective] = objectives;
  if (!objective || objectives.length !== 1) {
    const got = objectives.map((method) => method.id).join(', ') || 'none';
    throw new RangeError(`composeMethods: need exactly one objective, got ${got}`);
  }
  const readers = active.filter(
    (method): method is Method & RowOwner => method.needs?.includes('row') ?? false,
  );
  readers.sort((a, b) => (a.id < b.id ? -1 : 1));
  const reading = [...terms, ...readers.filter((method) => !isTerm(method))];
  const names = reading.flatMap((method) => fieldsOf(method).map((field) => [method.id, field]));
  const fields = names.map(([id, field]) => `  ${id}_${field}: f32,`);
  const columns = terms.filter((method) => method.constants).map(({ id }) => id);
  if (objective.aggregate || active.some(({ stage }) => stage === 'weight')) {
    columns.push(OBJECTIVE_WEIGHT);
  }
  const constant = (column: string): string =>
    `constants[${columns.length}u * n + ${columns.indexOf(column)}u]`;
  const withRows = terms.filter((method): method is TermMethod & RowOwner => !!method.row);
  const odd = withRows.find(({ stage }) => stage !== 'regularizer');
  if (odd)
    throw new RangeError(`composeMethods: a row functional must be a regularizer's, got ${odd.id}`);
  const call = ({ id, constants, row }: TermMethod): string => {
    const args = ['t', ...(constants ? [constant(id)] : []), ...(row ? [rowOf(id)] : [])];
    return `${id}(${args.join(', ')})`;
  };
  const weighed = (term: string): string =>
    columns.includes(OBJECTIVE_WEIGHT)
      ? `term_scale(${term}, ${constant(OBJECTIVE_WEIGHT)})`
      : term;
  const loss = weighed(call(objective));
  const latentLoss = objective.knows_latent ? loss : weighed(LATENT_TERM);
  const needs = new Set(active.flatMap((method) => method.needs ?? []));
  const keys = readers.map(({ id }) => id);
  if (needs.has('attention_entropy')) keys.push('attention_entropy');
  if (keys.length > READ_COLUMNS.length) {
    const most = READ_COLUMNS.length;
    throw new RangeError(`composeMethods: at most ${most} facts of a row, got ${keys.join(', ')}`);
  }
  const struct = `struct Params {\n${fields.join('\n') || '  unused: f32,'}\n}`;
  const wgsl = [
    struct,
    ...(columns.length > 0
      ? ['@group(0) @binding(8) var<storage, read> constants: array<f32>;']
      : []),
    ...terms.map((method) => dedent(method.wgsl)),
    ...withRows.map(({ row }) => dedent(row.wgsl)),
    ...(withRows.length > 0 ? [measureText(withRows), gradientText(withRows)] : []),
    `fn objective(t: Token, n: u32) -> Term { return ${loss}; }`,
    [
      'fn regularizers(t: Token, n: u32) -> Term {',
      '  var sum = Term(0.0, 0.0, 0.0, 0.0);',
      ...regularizers.flatMap((method) => {
        const { id, row } = method;
        if (!row) return [`  sum = term_add(sum, ${call(method)});`];
        const own = `  let of_${id} = ${call(method)};`;
        return [own, `  ${id}_pull = of_${id}.d_row;`, `  sum = term_add(sum, of_${id}.term);`];
      }),
      '  return sum;',
      '}',
    ].join('\n'),
  ];
  return {
    hasRows: withRows.length > 0,
    wgsl: `${wgsl.join('\n\n')}\n`,
    fields: names.map(([id, field]) => `${id}.${field}`),
    columns,
    needs,
    latentWgsl: `fn latent_objective(t: Token, n: u32) -> Term { return ${latentLoss}; }\n`,
    reads: keys.map((key, k) => ({ key, column: READ_COLUMNS[k] as number })),
    ...(readers.length > 0 && {
      readsWgsl: `${[struct, ...readers.map(({ row }) => dedent(row.wgsl)), measureText(readers), storeText(readers)].join('\n\n')}\n`,
    }),
  };
}

const rowOf = (id: string): string => `${id}_row(${id}_sum)`;

/** Takes away the indentation that a method's text has from standing inside TypeScript. */
function dedent(text: string): string {
  const lines = text.replace(/^\s*\n|\s+$/g, '').split('\n');
  const indents = lines.filter((line) => line.trim()).map((line) => line.search(/\S/));
  return lines.map((line) => line.slice(Math.min(...indents))).join('\n');
}
