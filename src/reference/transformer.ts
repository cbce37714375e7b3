// A Llama decoder in float64: forward and backward over a packed stream of sequences, as Hugging
// Face's LlamaForCausalLM computes it (pre-norm, rotary positions, causal attention without biases,
// SwiGLU, an output head of its own). Parameters and gradients go by their Hugging Face names.
//
// Reference for whole-model tests; ./ops.ts has the layers.

import {
  add,
  attentionBackward,
  attentionForward,
  embeddingBackward,
  embeddingForward,
  linearBackward,
  linearForward,
  type Numbers,
  rmsnormBackward,
  rmsnormForward,
  rope,
  ropeBackward,
  swigluBackward,
  swigluForward,
} from './ops.ts';

export interface ModelConfig {
  vocab: number; // V
  d_model: number; // C
  layers: number;
  heads: number; // H; the head width C / H must be even
  d_ff: number; // F
  rope_theta: number;
  rms_eps: number;
}

/** Sequences one after another. */
export interface Packed {
  token: number[]; // [N]
  position: number[]; // [N] counted from 0 in each sequence
  first: number[]; // [N] index in the stream of the sequence's first token
  /** [N] shares of the vocabulary whose mixed embedding is fed in place of the token's, where there are some. */
  mixture?: (Numbers | undefined)[];
}

/** Name to row-major values; linear weights are [outputs, inputs]. */
export type Params = Map<string, Float64Array>;

/** Everything the forward pass computes in one layer. */
export interface LayerState {
  x: Float64Array; // [N, C] residual stream on entry
  norm1: Float64Array; // [N, C] after input_layernorm
  rstd1: Float64Array; // [N]
  q: Float64Array; // [N, H, D] rotated
  k: Float64Array; // [N, H, D] rotated
  v: Float64Array; // [N, H, D]
  q_unrotated: Float64Array; // [N, H, D]
  k_unrotated: Float64Array; // [N, H, D]
  att: Float64Array[]; // row n·H + h: weights over first[n]..n
  lse: Float64Array; // [N, H] log-sum-exp of the attention scores, nats
  attended: Float64Array; // [N, H, D] before o_proj
  attn_out: Float64Array; // [N, C] after o_proj
  x_mid: Float64Array; // [N, C] residual stream after attention
  norm2: Float64Array; // [N, C] after post_attention_layernorm
  rstd2: Float64Array; // [N]
  gate: Float64Array; // [N, F]
  up: Float64Array; // [N, F]
  act: Float64Array; // [N, F] silu(gate) · up
  mlp_out: Float64Array; // [N, C] after down_proj
  x_out: Float64Array; // [N, C] residual stream on exit
}

export interface ForwardState {
  layers: LayerState[];
  x_final: Float64Array; // [N, C] residual stream after the last layer
  norm: Float64Array; // [N, C] after model.norm
  rstd: Float64Array; // [N]
  logits: Float64Array; // [N, V]
}

export function packSequences(sequences: number[][]): Packed {
  const packed: Packed = { token: [], position: [], first: [] };
  for (const sequence of sequences) {
    const start = packed.token.length;
    sequence.forEach((token, position) => {
      packed.token.push(token);
      packed.position.push(position);
      packed.first.push(start);
    });
  }
  return packed;
}

/**
 * values[n + 1] beside token n, and 0 at each sequence's end: moves what is known about a token to
 * the position whose logits predict it.
 */
export function nextInSequence({ first }: Packed, values: Numbers): Float64Array /* [N] */ {
  return Float64Array.from(first, (start, n) => (first[n + 1] === start ? values[n + 1] : 0));
}

/** Names and shapes in the order in which Hugging Face lists them. */
export function parameterShapes(config: ModelConfig): [name: string, shape: number[]][] {
  const { vocab, d_model, layers, d_ff } = config;
  const shapes: [string, number[]][] = [['model.embed_tokens.weight', [vocab, d_model]]];
  for (let l = 0; l < layers; l++) {
    const prefix = `model.layers.${l}`;
    shapes.push([`${prefix}.input_layernorm.weight`, [d_model]]);
    for (const name of ['q_proj', 'k_proj', 'v_proj', 'o_proj']) {
      shapes.push([`${prefix}.self_attn.${name}.weight`, [d_model, d_model]]);
    }
    shapes.push([`${prefix}.post_attention_layernorm.weight`, [d_model]]);
    shapes.push([`${prefix}.mlp.gate_proj.weight`, [d_ff, d_model]]);
    shapes.push([`${prefix}.mlp.up_proj.weight`, [d_ff, d_model]]);
    shapes.push([`${prefix}.mlp.down_proj.weight`, [d_model, d_ff]]);
  }
  shapes.push(['model.norm.weight', [d_model]], ['lm_head.weight', [vocab, d_model]]);
  return shapes;
}

/** Small random matrices and norm weights around 1. `random` gives numbers in [0, 1). */
export function randomParameters(config: ModelConfig, random: () => number, scale = 0.3): Params {
  const params: Params = new Map();
  for (const [name, shape] of parameterShapes(config)) {
    const size = shape.reduce((a, b) => a * b, 1);
    const center = name.includes('norm') ? 1 : 0;
    params.set(
      name,
      Float64Array.from({ length: size }, () => center + scale * (2 * random() - 1)),
    );
  }
  return params;
}

function get(params: Params, name: string): Float64Array {
  const values = params.get(name);
  if (!values) throw new Error(`transformer: parameter ${name} is missing`);
  return values;
}

export function forward(config: ModelConfig, params: Params, packed: Packed): ForwardState {
  const { vocab: V, d_model: C, heads: H, d_ff: F, rope_theta: theta, rms_eps: eps } = config;
  const { token, position, first } = packed;
  const N = token.length;
  const D = C / H;
  const layers: LayerState[] = [];
  const embedding = get(params, 'model.embed_tokens.weight');
  let x = embeddingForward(embedding, token, C);
  packed.mixture?.forEach((mixture, n) => {
    if (mixture) x.set(linearForward(mixture, transposed(embedding, V, C), 1, V, C), n * C);
  });
  for (let l = 0; l < config.layers; l++) {
    const weight = (name: string) => get(params, `model.layers.${l}.${name}.weight`);
    const norm1 = rmsnormForward(x, weight('input_layernorm'), N, C, eps);
    const q_unrotated = linearForward(norm1.out, weight('self_attn.q_proj'), N, C, C);
    const k_unrotated = linearForward(norm1.out, weight('self_attn.k_proj'), N, C, C);
    const v = linearForward(norm1.out, weight('self_attn.v_proj'), N, C, C);
    const q = rope(q_unrotated, position, H, D, theta);
    const k = rope(k_unrotated, position, H, D, theta);
    const attention = attentionForward(q, k, v, first, H, D);
    const attn_out = linearForward(attention.out, weight('self_attn.o_proj'), N, C, C);
    const x_mid = add(x, attn_out);
    const norm2 = rmsnormForward(x_mid, weight('post_attention_layernorm'), N, C, eps);
    const gate = linearForward(norm2.out, weight('mlp.gate_proj'), N, C, F);
    const up = linearForward(norm2.out, weight('mlp.up_proj'), N, C, F);
    const act = swigluForward(gate, up);
    const mlp_out = linearForward(act, weight('mlp.down_proj'), N, F, C);
    const x_out = add(x_mid, mlp_out);
    layers.push({
      x,
      norm1: norm1.out,
      rstd1: norm1.rstd,
      q,
      k,
      v,
      q_unrotated,
      k_unrotated,
      att: attention.att,
      lse: attention.lse,
      attended: attention.out,
      attn_out,
      x_mid,
      norm2: norm2.out,
      rstd2: norm2.rstd,
      gate,
      up,
      act,
      mlp_out,
      x_out,
    });
    x = x_out;
  }
  const norm = rmsnormForward(x, get(params, 'model.norm.weight'), N, C, eps);
  const logits = linearForward(norm.out, get(params, 'lm_head.weight'), N, C, V);
  return { layers, x_final: x, norm: norm.out, rstd: norm.rstd, logits };
}

/** Gradient of a loss in every parameter, given its gradient in the logits, and in the last norm's output beside them. */
export function backward(
  config: ModelConfig,
  params: Params,
  packed: Packed,
  state: ForwardState,
  dLogits: Numbers, // [N, V]
  dBeside: Numbers = new Float64Array(state.norm.length), // [N, C]
): Params {
  const { vocab: V, d_model: C, heads: H, d_ff: F, rope_theta: theta } = config;
  const { token, position, first } = packed;
  const N = token.length;
  const D = C / H;
  const grads: Params = new Map();

  const head = linearBackward(dLogits, state.norm, get(params, 'lm_head.weight'), N, C, V);
  grads.set('lm_head.weight', head.dWeight);
  const normWeight = get(params, 'model.norm.weight');
  const norm = rmsnormBackward(add(head.dX, dBeside), state.x_final, normWeight, state.rstd, N, C);
  grads.set('model.norm.weight', norm.dWeight);

  let dX = norm.dX; // gradient in the residual stream
  for (let l = config.layers - 1; l >= 0; l--) {
    const s = state.layers[l];
    const weight = (name: string) => get(params, `model.layers.${l}.${name}.weight`);
    const keep = (name: string, dWeight: Float64Array) =>
      grads.set(`model.layers.${l}.${name}.weight`, dWeight);

    const down = linearBackward(dX, s.act, weight('mlp.down_proj'), N, F, C);
    keep('mlp.down_proj', down.dWeight);
    const { dGate, dUp } = swigluBackward(down.dX, s.gate, s.up);
    const gate = linearBackward(dGate, s.norm2, weight('mlp.gate_proj'), N, C, F);
    keep('mlp.gate_proj', gate.dWeight);
    const up = linearBackward(dUp, s.norm2, weight('mlp.up_proj'), N, C, F);
    keep('mlp.up_proj', up.dWeight);
    const dNorm2 = add(gate.dX, up.dX);
    const norm2Weight = weight('post_attention_layernorm');
    const norm2 = rmsnormBackward(dNorm2, s.x_mid, norm2Weight, s.rstd2, N, C);
    keep('post_attention_layernorm', norm2.dWeight);
    dX = add(dX, norm2.dX);

    const o = linearBackward(dX, s.attended, weight('self_attn.o_proj'), N, C, C);
    keep('self_attn.o_proj', o.dWeight);
    const { dQ, dK, dV } = attentionBackward(o.dX, s.q, s.k, s.v, s.att, first, H, D);
    const dQRaw = ropeBackward(dQ, position, H, D, theta);
    const dKRaw = ropeBackward(dK, position, H, D, theta);
    const q = linearBackward(dQRaw, s.norm1, weight('self_attn.q_proj'), N, C, C);
    keep('self_attn.q_proj', q.dWeight);
    const k = linearBackward(dKRaw, s.norm1, weight('self_attn.k_proj'), N, C, C);
    keep('self_attn.k_proj', k.dWeight);
    const v = linearBackward(dV, s.norm1, weight('self_attn.v_proj'), N, C, C);
    keep('self_attn.v_proj', v.dWeight);
    const dNorm1 = add(add(q.dX, k.dX), v.dX);
    const norm1 = rmsnormBackward(dNorm1, s.x, weight('input_layernorm'), s.rstd1, N, C);
    keep('input_layernorm', norm1.dWeight);
    dX = add(dX, norm1.dX);
  }
  // Embeddings get no gradient through mixtures, as in LEPO's source.
  packed.mixture?.forEach((mixture, n) => {
    if (mixture) dX.fill(0, n * C, (n + 1) * C);
  });
  grads.set('model.embed_tokens.weight', embeddingBackward(dX, token, V, C));
  return grads;
}

function transposed(x: Numbers, rows: number, columns: number): Float64Array {
  return Float64Array.from({ length: rows * columns }, (_, i) => {
    return x[(i % rows) * columns + Math.floor(i / rows)];
  });
}
