/** The workload's Llama in jax-js. q, k, v and gate, up are one matrix each; weights are stored [in, out]. */
import * as jax from '@jax-js/jax';
import type { Workload } from '../workload.ts';

const { numpy: np, nn } = jax;
export type A = jax.Array;

export type Layer = { norm1: A; qkv: A; o: A; norm2: A; gate_up: A; down: A };
export type Params = { embed: A; layers: Layer[]; norm: A; head: A };

export async function openJax(): Promise<GPUDevice> {
  const found = await jax.init('webgpu');
  if (!found.includes('webgpu')) throw new Error('jax-js: needs WebGPU, got none');
  jax.defaultDevice('webgpu');
  return jax.getWebGPUDevice();
}

/** [out, in] matrices of the file, one below the other, as one [in, out]. */
function matrix(w: Workload, ...names: string[]): A {
  const parts = names.map((name) => w.weights.get(name) ?? fail(name));
  const columns = parts[0].shape.at(-1) as number;
  const rows = parts.reduce((sum, p) => sum + p.values.length / columns, 0);
  const out = new Float32Array(rows * columns);
  let row = 0;
  for (const { values } of parts) {
    for (let r = 0; r < values.length / columns; r++, row++) {
      for (let c = 0; c < columns; c++) out[c * rows + row] = values[r * columns + c] as number;
    }
  }
  return np.array(out).reshape([columns, rows]);
}

const fail = (name: string): never => {
  throw new Error(`workload: must hold ${name}`);
};

export function paramsOf(w: Workload): Params {
  const vector = (name: string): A => np.array((w.weights.get(name) ?? fail(name)).values);
  const embed = w.weights.get('model.embed_tokens.weight') ?? fail('embed');
  return {
    embed: np.array(embed.values).reshape([...embed.shape]),
    layers: Array.from({ length: w.config.n_layer }, (_, l) => {
      const at = `model.layers.${l}`;
      const attention = ['q', 'k', 'v'].map((x) => `${at}.self_attn.${x}_proj.weight`);
      const mlp = ['gate', 'up'].map((x) => `${at}.mlp.${x}_proj.weight`);
      return {
        norm1: vector(`${at}.input_layernorm.weight`),
        qkv: matrix(w, ...attention),
        o: matrix(w, `${at}.self_attn.o_proj.weight`),
        norm2: vector(`${at}.post_attention_layernorm.weight`),
        gate_up: matrix(w, ...mlp),
        down: matrix(w, `${at}.mlp.down_proj.weight`),
      };
    }),
    norm: vector('model.norm.weight'),
    head: matrix(w, 'lm_head.weight'),
  };
}

/** cos and sin of RoPE, [T, D], halves side by side. */
export function ropeTables(w: Workload, positions: number): { cos: A; sin: A } {
  const D = w.config.n_embd / w.config.n_head;
  const table = (f: (x: number) => number): A =>
    np
      .array(
        Float32Array.from({ length: positions * D }, (_, i) => {
          const j = (i % D) % (D / 2);
          return f(Math.floor(i / D) * w.config.rope_theta ** ((-2 * j) / D));
        }),
      )
      .reshape([positions, D]);
  return { cos: table(Math.cos), sin: table(Math.sin) };
}

export function rmsnorm(x: A, weight: A, eps: number): A {
  const mean = np.mean(np.square(x.ref), -1, { keepdims: true });
  return x.div(np.sqrt(mean.add(eps))).mul(weight);
}

/** x [B, T, H, D]; cos, sin broadcast to it */
export function rotate(x: A, cos: A, sin: A): A {
  const [a, b] = np.split(x.ref, 2, -1) as [A, A];
  return x.mul(cos).add(np.concatenate([b.neg(), a], -1).mul(sin));
}

/** Causal; q, k, v [B, T, H, D]. nn.dotProductAttention is the same in einsums, which need Node 22. */
function attention(q: A, k: A, v: A): A {
  const [, T, , D] = q.shape as [number, number, number, number];
  const scores = np
    .matmul(np.transpose(q, [0, 2, 1, 3]), np.transpose(k, [0, 2, 3, 1]))
    .mul(1 / Math.sqrt(D));
  const masked = np.where(np.tri(T, T, 0, { dtype: np.bool }), scores, -1e30);
  const out = np.matmul(nn.softmax(masked, -1), np.transpose(v, [0, 2, 1, 3]));
  return np.transpose(out, [0, 2, 1, 3]);
}

export function mlp(x: A, layer: { gate_up: A; down: A }): A {
  const [gate, up] = np.split(np.matmul(x, layer.gate_up), 2, -1) as [A, A];
  return np.matmul(nn.silu(gate).mul(up), layer.down);
}

/** one-hot tokens [B, T, V] → logits [B, T, V] */
export function forward(w: Workload, p: Params, x0: A, rope: { cos: A; sin: A }): A {
  const { n_head: H, n_embd: C, rms_eps: eps } = w.config;
  const D = C / H;
  const [B, T] = x0.shape as [number, number];
  const cos = rope.cos.reshape([T, 1, D]);
  const sin = rope.sin.reshape([T, 1, D]);
  let x = np.matmul(x0, p.embed);
  for (const layer of p.layers) {
    const qkv = np.matmul(rmsnorm(x.ref, layer.norm1, eps), layer.qkv);
    const [q, k, v] = np.split(qkv, 3, -1).map((y) => y.reshape([B, T, H, D])) as [A, A, A];
    const attended = attention(rotate(q, cos.ref, sin.ref), rotate(k, cos.ref, sin.ref), v);
    x = x.add(np.matmul(attended.reshape([B, T, C]), layer.o));
    x = x.ref.add(mlp(rmsnorm(x, layer.norm2, eps), layer));
  }
  cos.dispose();
  sin.dispose();
  return np.matmul(rmsnorm(x, p.norm, eps), p.head);
}
