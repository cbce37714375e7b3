/**
 * Where every parameter stands in the one flat buffer, and how it is stored there.
 *
 * Gradients, Adam moments and checkpoints use the same table. Differences between storage and the Hugging Face file:
 *   - rows and columns are padded with zeros to multiples of 4 (each head on its own), so kernels read vec4 throughout;
 *     padding has zero gradient and stays zero;
 *   - q, k, v are one matrix [3A, C], gate and up one matrix [2F, C];
 *   - in q and k the two halves of a head are interleaved, so that a RoPE pair lies side by side;
 *   - gate and up rows alternate, so that SwiGLU has both at hand.
 *
 * The value head, where there is one, is the last matrix: everything before it stands where it stands without.
 */
import type { ModelConfig } from '../core/model_config.ts';

/** One tensor of the file and the way into the flat buffer. */
export interface TensorSpec {
  /** Hugging Face name. */
  name: string;
  /** As in the file: [out, in] or [C]. */
  shape: readonly number[];
  /** First float of the matrix it is stored in. */
  offset: number;
  /** Floats of a stored row. */
  stride: number;
  /** Stored row of a file row, stored column of a file column. */
  row(r: number): number;
  column(c: number): number;
}

/** One matrix as the kernels see it. */
export interface MatrixSpec {
  name: string;
  /** In floats; a multiple of 64 (256 bytes, the least alignment of a bound range). */
  offset: number;
  rows: number;
  columns: number;
}

export interface Layout {
  config: ModelConfig;
  /** Padded sizes: C, head width, A = H·D, F, V. */
  CP: number;
  D: number;
  A: number;
  F: number;
  VP: number;
  /** Floats in the flat buffer. */
  size: number;
  /** There is a value head. */
  hasValue: boolean;
  tensors: readonly TensorSpec[];
  matrices: ReadonlyMap<string, MatrixSpec>;
}

const pad4 = (n: number): number => Math.ceil(n / 4) * 4;
const same = (i: number): number => i;

/**
 * @param hasValue with a value head, under the names of LlamaForTokenClassification: verl's critic
 * @throws {RangeError} C not a multiple of H, or an odd head width
 */
export function createLayout(config: ModelConfig, hasValue = false): Layout {
  const { n_embd: C, n_head: H, n_layer: L, d_ff, vocab_size: V } = config;
  const width = C / H;
  if (!Number.isInteger(width) || width % 2 !== 0) {
    throw new RangeError(
      `createLayout: n_embd / n_head must be an even whole number, got ${C} / ${H}`,
    );
  }
  const CP = pad4(C);
  const D = pad4(width);
  const A = H * D;
  const F = pad4(d_ff);
  const VP = pad4(V);
  const tensors: TensorSpec[] = [];
  const matrices = new Map<string, MatrixSpec>();
  let size = 0;
  const matrix = (name: string, rows: number, columns: number): MatrixSpec => {
    const spec = { name, offset: size, rows, columns };
    matrices.set(name, spec);
    size = Math.ceil((size + rows * columns) / 64) * 64;
    return spec;
  };
  const tensor = (
    name: string,
    shape: number[],
    at: MatrixSpec,
    row = same,
    column = same,
  ): void => {
    tensors.push({ name, shape, offset: at.offset, stride: at.columns, row, column });
  };
  const head = (i: number): number => Math.floor(i / width) * D + (i % width);
  const turned = (i: number): number => {
    const d = i % width;
    return Math.floor(i / width) * D + (d < width / 2 ? 2 * d : 2 * (d - width / 2) + 1);
  };

  tensor('model.embed_tokens.weight', [V, C], matrix('embed', V, CP));
  for (let l = 0; l < L; l++) {
    const prefix = `model.layers.${l}`;
    tensor(`${prefix}.input_layernorm.weight`, [C], matrix(`${l}.norm1`, 1, CP));
    const qkv = matrix(`${l}.qkv`, 3 * A, CP);
    tensor(`${prefix}.self_attn.q_proj.weight`, [C, C], qkv, turned);
    tensor(`${prefix}.self_attn.k_proj.weight`, [C, C], qkv, (r) => A + turned(r));
    tensor(`${prefix}.self_attn.v_proj.weight`, [C, C], qkv, (r) => 2 * A + head(r));
    tensor(`${prefix}.self_attn.o_proj.weight`, [C, C], matrix(`${l}.o`, CP, A), same, head);
    tensor(`${prefix}.post_attention_layernorm.weight`, [C], matrix(`${l}.norm2`, 1, CP));
    const gateUp = matrix(`${l}.gate_up`, 2 * F, CP);
    tensor(`${prefix}.mlp.gate_proj.weight`, [d_ff, C], gateUp, (r) => 2 * r);
    tensor(`${prefix}.mlp.up_proj.weight`, [d_ff, C], gateUp, (r) => 2 * r + 1);
    tensor(`${prefix}.mlp.down_proj.weight`, [C, d_ff], matrix(`${l}.down`, CP, F));
  }
  tensor('model.norm.weight', [C], matrix('norm', 1, CP));
  tensor('lm_head.weight', [V, C], matrix('head', VP, CP));
  if (hasValue) {
    const value = matrix('value', 1, CP + 4);
    tensor('score.weight', [1, C], value);
    tensor('score.bias', [1], value, same, (c) => CP + c);
  }
  return { config, CP, D, A, F, VP, size, hasValue, tensors, matrices };
}

/** Not part of LlamaForCausalLM. */
export const isOfValueHead = ({ name }: Pick<TensorSpec, 'name'>): boolean =>
  name.startsWith('score.');

/**
 * Flat values of a policy in the layout of another one of the same model: a value head that it had not begins at 0,
 * one that the other has no place for is left behind. Undefined where the size is neither of the two.
 */
export function fitValues(values: Float32Array, to: Layout): Float32Array | undefined {
  if (values.length === to.size) return values;
  const other = createLayout(to.config, !to.hasValue).size;
  if (values.length !== other) return undefined;
  const fitted = new Float32Array(to.size);
  fitted.set(values.subarray(0, to.size));
  return fitted;
}

/** Calls back with (index in the file's tensor, index in the flat buffer) for every element. */
function eachElement(spec: TensorSpec, visit: (file: number, flat: number) => void): void {
  const rows = spec.shape.length === 1 ? 1 : (spec.shape[0] as number);
  const columns = spec.shape[spec.shape.length - 1] as number;
  for (let r = 0; r < rows; r++) {
    const start = spec.offset + spec.row(r) * spec.stride;
    for (let c = 0; c < columns; c++) visit(r * columns + c, start + spec.column(c));
  }
}

export function elementCount(spec: TensorSpec): number {
  return spec.shape.reduce((a, b) => a * b, 1);
}

/** One tensor in the file's order, out of the flat buffer. */
export function readTensor(flat: Float32Array, spec: TensorSpec): Float32Array {
  const values = new Float32Array(elementCount(spec));
  eachElement(spec, (file, at) => {
    values[file] = flat[at] as number;
  });
  return values;
}

/** One tensor in the file's order, into the flat buffer. */
export function writeTensor(flat: Float32Array, spec: TensorSpec, values: ArrayLike<number>): void {
  eachElement(spec, (file, at) => {
    flat[at] = values[file] as number;
  });
}

/**
 * Where a gradient went wrong: the first tensor, in the order of the table, that holds NaN or infinity, or the one with
 * the largest value where only the norm overflowed.
 */
export function worstTensor(layout: Layout, flat: Float32Array): string {
  let worst = { name: 'the loss', size: 0 };
  for (const spec of layout.tensors) {
    const values = readTensor(flat, spec);
    if (!values.every(Number.isFinite)) return spec.name;
    const size = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    if (size > worst.size) worst = { name: spec.name, size };
  }
  return worst.name;
}
