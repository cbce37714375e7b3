// row_reads: row functionals of active methods, for what they compute in TypeScript; run after current_stats.
//
//   in   logits  [N, VP]
//   in   facts   [N] of policy_loss.wgsl: rows of weight 0 are passed over
//   out  stats   [N, 8] floats that current_stats leaves 0, by the composed rows_store (src/methods/compose_rows.ts)
//
// Constants: V, VP. Needs lib/rows_packed.wgsl, lib/token.wgsl, lib/choice.wgsl and the composed methods.
// Dispatch: x over N. Test: test/kernels/row_reads.test.ts

@group(0) @binding(3) var<uniform> params: Params;
@group(0) @binding(4) var<storage, read> logits: array<f32>;
@group(0) @binding(5) var<storage, read> facts: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> stats: array<f32>;

@compute @workgroup_size(32)
fn row_reads(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x;
  if (n >= batch.N || facts[n].x == 0.0) { return; }
  let row = n * VP;
  let scale = batch.inverse_temperature;
  var top = -3.4e38;
  for (var v = 0u; v < V; v++) { top = max(top, logits[row + v] * scale); }
  var total = 0.0;
  for (var v = 0u; v < V; v++) { total += exp(logits[row + v] * scale - top); }
  rows_measure(row, top, log(total));
  rows_store(8u * n);
}
