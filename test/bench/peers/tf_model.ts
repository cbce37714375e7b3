/** The workload's Llama in TensorFlow.js. q, k, v and gate, up are one matrix each; weights are stored [in, out]. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import '@tensorflow/tfjs-backend-webgpu';
import type { Workload } from '../workload.ts';

export type T = tf.Tensor;

export async function openTf(): Promise<GPUDevice> {
  if (!(await tf.setBackend('webgpu'))) throw new Error('tfjs: needs WebGPU, got none');
  await tf.ready();
  return (tf.backend() as WebGPUBackend).device;
}

/** [out, in] matrices of the file, side by side, as one [in, out]. */
function matrix(w: Workload, ...names: string[]): T {
  return tf.tidy(() =>
    tf.transpose(tf.concat(names.map((name) => tensor(w, name) as tf.Tensor2D))),
  );
}

function tensor(w: Workload, name: string): T {
  const found = w.weights.get(name);
  if (!found) throw new Error(`workload: must hold ${name}`);
  return tf.tensor(found.values, [...found.shape]);
}

/** By the names of the workload, with q, k, v and gate, up put together. */
export function parametersOf(w: Workload): Record<string, T> {
  const parameters: Record<string, T> = {
    embed: tensor(w, 'model.embed_tokens.weight'),
    norm: tensor(w, 'model.norm.weight'),
    head: matrix(w, 'lm_head.weight'),
  };
  for (let l = 0; l < w.config.n_layer; l++) {
    const at = `model.layers.${l}`;
    const attention = ['q', 'k', 'v'].map((x) => `${at}.self_attn.${x}_proj.weight`);
    const mlp = ['gate', 'up'].map((x) => `${at}.mlp.${x}_proj.weight`);
    parameters[`${l}.norm1`] = tensor(w, `${at}.input_layernorm.weight`);
    parameters[`${l}.qkv`] = matrix(w, ...attention);
    parameters[`${l}.o`] = matrix(w, `${at}.self_attn.o_proj.weight`);
    parameters[`${l}.norm2`] = tensor(w, `${at}.post_attention_layernorm.weight`);
    parameters[`${l}.gate_up`] = matrix(w, ...mlp);
    parameters[`${l}.down`] = matrix(w, `${at}.mlp.down_proj.weight`);
  }
  return parameters;
}

/** x [rows, C] */
function rmsnorm(x: T, weight: T, eps: number): T {
  const mean = tf.mean(tf.square(x), -1, true);
  return tf.mul(tf.mul(x, tf.rsqrt(tf.add(mean, eps))), weight);
}

/** x [B, H, T, D]; halves side by side */
function rotate(x: T, cos: T, sin: T): T {
  const [a, b] = tf.split(x, 2, -1) as [T, T];
  return tf.add(tf.mul(x, cos), tf.mul(tf.concat([tf.neg(b), a], -1), sin));
}

/** one-hot tokens [B * T, V] → logits [B * T, V] */
export function forward(w: Workload, p: Record<string, T>, x0: T, { cos, sin, mask }: Tables): T {
  const { n_head: H, n_embd: C, n_layer: L, rms_eps: eps } = w.config;
  const { sequences: B, tokens: S } = w.shape;
  const D = C / H;
  const heads = (x: T): T => tf.transpose(tf.reshape(x, [B, S, H, D]), [0, 2, 1, 3]);
  let x = tf.matMul(x0, p.embed as T);
  for (let l = 0; l < L; l++) {
    const of = (name: string): T => p[`${l}.${name}`] as T;
    const qkv = tf.matMul(rmsnorm(x, of('norm1'), eps), of('qkv'));
    const [q, k, v] = tf.split(qkv, 3, -1).map(heads) as [T, T, T];
    const scores = tf.matMul(rotate(q, cos, sin), rotate(k, cos, sin), false, true);
    const weights = tf.softmax(tf.add(tf.mul(scores, 1 / Math.sqrt(D)), mask), -1);
    const attended = tf.transpose(tf.matMul(weights, v), [0, 2, 1, 3]);
    x = tf.add(x, tf.matMul(tf.reshape(attended, [B * S, C]), of('o')));
    const [gate, up] = tf.split(tf.matMul(rmsnorm(x, of('norm2'), eps), of('gate_up')), 2, -1) as [
      T,
      T,
    ];
    const silu = tf.mul(gate, tf.sigmoid(gate));
    x = tf.add(x, tf.matMul(tf.mul(silu, up), of('down')));
  }
  return tf.matMul(rmsnorm(x, p.norm as T, eps), p.head as T);
}

interface Tables {
  /** [T, D] */
  cos: T;
  sin: T;
  /** [T, T] 0 where a position may look, else far below */
  mask: T;
}

export function tables(w: Workload): Tables {
  const S = w.shape.tokens;
  const D = w.config.n_embd / w.config.n_head;
  const rope = (f: (x: number) => number): T =>
    tf.tensor(
      Float32Array.from({ length: S * D }, (_, i) =>
        f(Math.floor(i / D) * w.config.rope_theta ** ((-2 * ((i % D) % (D / 2))) / D)),
      ),
      [S, D],
    );
  const mask = Float32Array.from({ length: S * S }, (_, i) =>
    i % S > Math.floor(i / S) ? -1e30 : 0,
  );
  return { cos: rope(Math.cos), sin: rope(Math.sin), mask: tf.tensor(mask, [S, S]) };
}
