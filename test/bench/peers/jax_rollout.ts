/**
 * Sampling in jax-js with a cache of keys and values, one `jit` around a token.
 *
 * What jax-js lacks shapes it: no update in place and no loop on the device, so the cache is an array of fixed size that
 * `where` blends with the new token's keys and values, and JavaScript counts the tokens. `random.categorical` unrolls over
 * the vocabulary and does not finish compiling on SwiftShader; the draw is the inverse of the cumulative distribution, with
 * our own random numbers, so that both draw the same tokens.
 */
import * as jax from '@jax-js/jax';
import { uniform } from '../../../src/core/random.ts';
import { VOCABULARY as V, type Workload } from '../workload.ts';
import { type A, mlp, type Params, rmsnorm, ropeTables, rotate } from './jax_model.ts';

const { numpy: np, nn, tree } = jax;
type Cache = { k: A; v: A }[];

/** `sample(step)` resolves to [B][tokens] drawn ids. */
export function jaxRollout(
  w: Workload,
  params: Params,
): { sample(step: number): Promise<number[][]> } {
  const { sequences: B, tokens: S } = w.shape;
  const { n_head: H, n_embd: C, n_layer: L, rms_eps: eps } = w.config;
  const D = C / H;
  const rope = ropeTables(w, S);
  const positions = np.arange(S);
  // cumulative[j, i] = 1 where j ≤ i
  const cumulative = np.triu(np.ones([V, V]));
  const ids = np.arange(V).astype(np.float32);

  const token = jax.jit(
    (p: Params, x0: A, cache: Cache, t: A, u: A, cos: A, sin: A, at: A, sums: A, names: A) => {
      const here = np.equal(at.ref, t.ref);
      const row = here.ref.astype(np.float32).reshape([1, S]);
      const turn = [np.matmul(row.ref, cos), np.matmul(row, sin)].map((x) => x.reshape([1, 1, D]));
      const [c, s] = turn as [A, A];
      const write = here.reshape([1, 1, S, 1]);
      const seen = np.lessEqual(at, t).reshape([1, 1, 1, S]);
      let x = np.matmul(x0, p.embed);
      const kept: Cache = [];
      p.layers.forEach((layer, l) => {
        const qkv = np.matmul(rmsnorm(x.ref, layer.norm1, eps), layer.qkv);
        const [q, k, v] = np.split(qkv, 3, -1).map((y) => y.reshape([B, H, D])) as [A, A, A];
        const old = cache[l] as { k: A; v: A };
        const keys = np.where(write.ref, rotate(k, c.ref, s.ref).reshape([B, H, 1, D]), old.k);
        const values = np.where(write.ref, v.reshape([B, H, 1, D]), old.v);
        const query = rotate(q, c.ref, s.ref).reshape([B, H, 1, D]);
        const scores = np.matmul(query, np.transpose(keys.ref, [0, 1, 3, 2])).mul(1 / Math.sqrt(D));
        const p = nn.softmax(np.where(seen.ref, scores, -1e30), -1);
        const attended = np.matmul(p, values.ref).reshape([B, C]);
        kept.push({ k: keys, v: values });
        x = x.add(np.matmul(attended, layer.o));
        x = x.ref.add(mlp(rmsnorm(x, layer.norm2, eps), layer));
      });
      for (const used of [c, s, write, seen]) used.dispose();
      const logProbs = nn.logSoftmax(np.matmul(rmsnorm(x, p.norm, eps), p.head), -1);
      const probs = np.exp(logProbs.ref);
      const entropy = probs.ref.mul(logProbs.ref).sum(-1).neg();
      const cdf = np.matmul(probs.ref, sums);
      const below = np.lessEqual(cdf.ref.sub(probs), u.ref);
      const hot = below.mul(np.greater(cdf, u)).astype(np.float32);
      const logp = hot.ref.mul(logProbs).sum(-1);
      const drawn = hot.ref.mul(names).sum(-1);
      return { hot, cache: kept, record: np.stack([drawn, logp, entropy], -1) };
    },
  );
  const first = nn.oneHot(np.array(Int32Array.from(w.sequences.map((s) => s[0] as number))), V);
  const empty = np.zeros([B, H, S, D]);
  return {
    async sample(step) {
      let hot = first.ref;
      let cache: Cache = Array.from({ length: L }, () => ({ k: empty.ref, v: empty.ref }));
      const records: A[] = [];
      for (let t = 0; t < S; t++) {
        const u = np.array(Float32Array.from({ length: B }, (_, b) => uniform(0, 3, step, b, t)));
        const out = token(
          tree.ref(params),
          hot,
          cache,
          np.array(t, { dtype: np.int32 }),
          u.reshape([B, 1]),
          rope.cos.ref,
          rope.sin.ref,
          positions.ref,
          cumulative.ref,
          ids.ref,
        ) as unknown as { hot: A; cache: Cache; record: A };
        hot = out.hot;
        cache = out.cache;
        records.push(out.record);
      }
      hot.dispose();
      tree.dispose(cache);
      const data = await np.stack(records).data();
      return Array.from({ length: B }, (_, b) =>
        Array.from({ length: S }, (_, t) => data[3 * (t * B + b)] as number),
      );
    },
  };
}
