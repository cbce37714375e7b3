// embedding_latent: x[n] = E[token[n]], or Σ_v y_v E[v] on rows that are fed a mixture. The gradient is embedding.wgsl's:
// such rows have no token there, so it does not reach the embeddings through them, as in the source.
//
// One kernel with rmsnorm.wgsl, like embedding.wgsl.
// Constants: CP, V. Needs lib/rows_packed.wgsl, lib/latent_rows.wgsl, lib/mix.wgsl. Source: LEPO, arXiv 2604.17892.
// Test: test/kernels/latent.test.ts

@group(0) @binding(3) var<storage, read> weight: array<vec4f>;   // [V, CP]
@group(0) @binding(4) var<storage, read_write> x: array<vec4f>;  // [N, CP]

fn taken(n: u32, c: u32) -> vec4f {
  let own = latent[n].x;
  var v: vec4f;
  if (own == 0u) { v = weight[rows[n].token * CP4 + c]; } else { v = mixed(own - 1u, c); }
  x[n * CP4 + c] = v;
  return v;
}
