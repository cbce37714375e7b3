// attention_entropy: how widely the row that predicts a token looks back in one layer; run after current_stats.
//
//   a[m] = mean over heads of exp(s[n, m] − lse[n, h]),  m over the n' rows that n sees (attention.wgsl)
//   out  = −Σ_m a[m] log a[m] / log n',  0 where n' is 1: from 0, one position, to 1, all alike
//
//   in   qkv    [N, 3A], lse [N, H] of the layer
//   in   facts  [N] of policy_loss.wgsl: rows of weight 0 are passed over
//   out  stats  [N, 8] the float COLUMN of each row
//
// Constants: H, D, A, SCALE as in attention.wgsl; COLUMN. Needs lib/rows_packed.wgsl.
// One thread a row. Dispatch: x over N. Twin: src/reference/attention_entropy.ts. Test: test/kernels/row_reads.test.ts

const D4 = D / 4u;
const A4 = A / 4u;

@group(0) @binding(3) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(4) var<storage, read> lse: array<f32>;
@group(0) @binding(5) var<storage, read> facts: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> stats: array<f32>;

@compute @workgroup_size(32)
fn attention_entropy(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x;
  if (n >= batch.N || facts[n].x == 0.0) { return; }
  let length = rows[n].position + 1u;
  let count = shared_end(n) - rows[n].prompt;
  var sum = 0.0;
  for (var i = 0u; i < length; i++) {
    let m = select(rows[n].first + i - count, rows[n].prompt + i, i < count);
    var a = 0.0;
    for (var h = 0u; h < H; h++) {
      let query = n * 3u * A4 + h * D4;
      let key = m * 3u * A4 + A4 + h * D4;
      var s = 0.0;
      for (var d = 0u; d < D4; d++) { s += dot(qkv[query + d], qkv[key + d]); }
      a += exp(s * SCALE - lse[n * H + h]);
    }
    a /= f32(H);
    // 0 log 0 = 0.
    if (a > 0.0) { sum -= a * log(a); }
  }
  stats[8u * n + COLUMN] = select(sum / log(f32(length)), 0.0, length == 1u);
}
