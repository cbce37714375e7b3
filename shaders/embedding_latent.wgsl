// embedding_latent: x[n] = E[token[n]], or Σ_v y_v E[v] on rows that are fed a mixture. The gradient is embedding.wgsl's:
// such rows have no token there, so it does not reach the embeddings through them, as in the source.
//
// Constants: CP, V. Needs lib/rows_packed.wgsl, lib/latent_rows.wgsl, lib/mix.wgsl. Source: LEPO, arXiv 2604.17892.
// Test: test/kernels/latent.test.ts

@group(0) @binding(3) var<storage, read> weight: array<vec4f>;   // [V, CP]
@group(0) @binding(4) var<storage, read_write> x: array<vec4f>;  // [N, CP]

// Dispatch: x over CP/4, y over N.
@compute @workgroup_size(8, 8)
fn embedding_latent(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= CP4 || id.y >= batch.N) { return; }
  let own = latent[id.y].x;
  if (own == 0u) {
    x[id.y * CP4 + id.x] = weight[rows[id.y].token * CP4 + id.x];
  } else {
    x[id.y * CP4 + id.x] = mixed(own - 1u, id.x);
  }
}
