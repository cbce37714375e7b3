/** The part of composed methods that sums over a row: WGSL for the fused loss and for row_reads.wgsl. */
import type { Row } from './method.ts';

/** A method with a functional of its own. */
export interface RowOwner {
  id: string;
  row: Row;
}

/**
 * `rows_measure` fills `<id>_sum`. Reads `logits` and `batch` of the kernel; needs lib/choice.wgsl.
 * @param methods at least one
 */
export function measureText(methods: readonly RowOwner[]): string {
  return [
    ...methods.flatMap(({ id, row }) => [
      `var<private> ${id}_sum: vec4f;`,
      ...(row.isRanked ? [`var<private> ${id}_edge: Edge;\n\n${edgeText(id)}`] : []),
    ]),
    [
      'fn rows_measure(row: u32, top: f32, log_total: f32) {',
      ...methods.map(({ id }) => `  ${id}_sum = vec4f();`),
      ...methods
        .filter(({ row }) => row.isRanked)
        .map(({ id }) => `  ${id}_edge = ${id}_last(row, top, log_total);`),
      '  for (var v = 0u; v < V; v++) {',
      '    let logit = logits[row + v];',
      '    let log_p = logit * batch.inverse_temperature - top - log_total;',
      ...methods.map((method) => `    ${method.id}_sum += ${method.id}_sums(${choice(method)});`),
      '  }',
      '}',
    ].join('\n'),
  ].join('\n\n');
}

/**
 * The gradient in the logits of Σ over methods d_row · F, where w_j is the slope of F in log p_j:
 * d_row · (w_j − p_j Σ_k w_k).
 */
export function gradientText(methods: readonly RowOwner[]): string {
  const pull = methods.map((m) => `${m.id}_pull * ${m.id}_slope(${choice(m)}, ${m.id}_sum)`);
  return [
    ...methods.map(({ id }) => `var<private> ${id}_pull: f32;`),
    'var<private> pull_total: f32;',
    `fn rows_pull(logit: f32, v: u32, log_p: f32) -> f32 {\n  return ${pull.join('\n    + ')};\n}`,
    [
      'fn rows_total(row: u32, top: f32, log_total: f32) {',
      '  pull_total = 0.0;',
      '  for (var v = 0u; v < V; v++) {',
      '    let logit = logits[row + v];',
      '    let log_p = logit * batch.inverse_temperature - top - log_total;',
      '    pull_total += rows_pull(logit, v, log_p);',
      '  }',
      '}',
    ].join('\n'),
    [
      'fn rows_gradient(plain: f32, by: f32, logit: f32, v: u32, log_p: f32) -> f32 {',
      '  let own = by * (rows_pull(logit, v, log_p) - exp(log_p) * pull_total);',
      '  // −0 + 0 would be another bit.',
      '  return select(plain + own, plain, own == 0.0);',
      '}',
    ].join('\n'),
  ].join('\n\n');
}

const choice = ({ id, row }: RowOwner): string =>
  `choice(log_p, ${row.isRanked ? `inside(${id}_edge, logit, v)` : 'true'})`;

/** Takes tokens from the likeliest on for as long as the method does. */
const edgeText = (id: string): string =>
  [
    `fn ${id}_last(row: u32, top: f32, log_total: f32) -> Edge {`,
    '  var last = NO_EDGE;',
    '  var before = 0.0;',
    '  for (var rank = 0u; rank < V; rank++) {',
    '    let next = next_likeliest(row, last);',
    '    let p = exp(next.logit * batch.inverse_temperature - top - log_total);',
    `    if (next.id == V || !${id}_takes(before, p, rank)) { break; }`,
    '    before += p;',
    '    last = next;',
    '  }',
    '  return last;',
    '}',
  ].join('\n');

/** Floats of a row of stats that current_stats (token_stats.wgsl) leaves free. */
export const READ_COLUMNS = [0, 3, 4, 5, 6, 7];

/** `rows_store` puts the functionals where they are read back: the k-th into the k-th free float. */
export const storeText = (methods: readonly RowOwner[]): string =>
  [
    'fn rows_store(at: u32) {',
    ...methods.map(({ id }, k) => `  stats[at + ${READ_COLUMNS[k]}u] = ${id}_row(${id}_sum);`),
    '}',
  ].join('\n');
