// attention: causal multi-head attention over packed sequences, online softmax, and its gradients.
//
//   s[n, m] = q[n] · k[m] / sqrt(D),  m from the sequence's first row to n;  p = softmax(s);  out[n] = Σ_m p[n, m] v[m]
//   dv[m] = Σ_n p[n, m] d_out[n]
//   ds[n, m] = p[n, m] (d_out[n] · v[m] − delta[n]),  delta[n] = d_out[n] · out[n]
//   dq[n] = Σ_m ds[n, m] k[m] / sqrt(D),  dk[m] = Σ_n ds[n, m] q[n] / sqrt(D)
//
// q and k are already turned by RoPE; dq and dk are turned back here, so d_qkv is the gradient of the linear layer.
//
//   qkv, d_qkv  [N, 3A], A = H · D        out, d_out  [N, A]
//   lse         [N, H] log Σ exp(s), nats  delta      [N, H]
//
// Constants: H, D (padded to a multiple of 4, padding zero), A, SCALE = 1/sqrt(real D). Needs lib/rows_packed.wgsl.
// One thread per (row, head). Dispatch: x over N · H. Test: test/kernels/attention.test.ts

const D4 = D / 4u;
const A4 = A / 4u;

@group(0) @binding(3) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> out: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> lse: array<f32>;

fn score(q: ptr<function, array<vec4f, D4>>, at: u32) -> f32 {
  var sum = 0.0;
  for (var d = 0u; d < D4; d++) { sum += dot((*q)[d], qkv[at + d]); }
  return sum * SCALE;
}

@compute @workgroup_size(64)
fn attention(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x / H;
  let h = id.x % H;
  if (n >= batch.N) { return; }
  var q: array<vec4f, D4>;
  var sum: array<vec4f, D4>;
  for (var d = 0u; d < D4; d++) {
    q[d] = qkv[n * 3u * A4 + h * D4 + d];
    sum[d] = vec4f();
  }
  var top = -3.4e38;
  var total = 0.0;
  // A branch (model/branches.ts) stands after the end of what it continues: it sees that, then itself.
  let first = rows[n].z;
  let end = rows[n].w;
  let count = min(n + 1u, end) - first + select(0u, 1u, n >= end);
  for (var i = 0u; i < count; i++) {
    let m = select(first + i, n, i + 1u == count);
    let key = m * 3u * A4 + A4 + h * D4;
    let s = score(&q, key);
    let top_now = max(top, s);
    let keep = exp(top - top_now);
    let p = exp(s - top_now);
    total = total * keep + p;
    for (var d = 0u; d < D4; d++) { sum[d] = sum[d] * keep + p * qkv[key + A4 + d]; }
    top = top_now;
  }
  for (var d = 0u; d < D4; d++) { out[n * A4 + h * D4 + d] = sum[d] / total; }
  lse[n * H + h] = top + log(total);
}

@group(0) @binding(6) var<storage, read> d_out: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> delta: array<f32>;
@group(0) @binding(8) var<storage, read_write> d_qkv: array<vec4f>;
@group(0) @binding(9) var<storage, read> rope: array<vec4f>;

// The transpose of the rotation in epilogue/rope.wgsl.
fn turn_back(v: vec4f, position: u32, d: u32) -> vec4f {
  let turn = rope[position * D4 + d];
  return vec4f(
    v.x * turn.x + v.y * turn.y, v.y * turn.x - v.x * turn.y,
    v.z * turn.z + v.w * turn.w, v.w * turn.z - v.z * turn.w,
  );
}

// dq and delta, one thread per query.
@compute @workgroup_size(64)
fn attention_backward_query(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x / H;
  let h = id.x % H;
  if (n >= batch.N) { return; }
  var q: array<vec4f, D4>;
  var g: array<vec4f, D4>;
  var sum: array<vec4f, D4>;
  var own = 0.0;
  for (var d = 0u; d < D4; d++) {
    q[d] = qkv[n * 3u * A4 + h * D4 + d];
    g[d] = d_out[n * A4 + h * D4 + d];
    sum[d] = vec4f();
    own += dot(g[d], out[n * A4 + h * D4 + d]);
  }
  delta[n * H + h] = own;
  let norm = lse[n * H + h];
  for (var m = rows[n].z; m <= n; m++) {
    let key = m * 3u * A4 + A4 + h * D4;
    let p = exp(score(&q, key) - norm);
    let ds = p * (score(&g, key + A4) / SCALE - own) * SCALE;
    for (var d = 0u; d < D4; d++) { sum[d] += ds * qkv[key + d]; }
  }
  for (var d = 0u; d < D4; d++) {
    d_qkv[n * 3u * A4 + h * D4 + d] = turn_back(sum[d], rows[n].y, d);
  }
}

// dk and dv, one thread per key; needs delta of attention_backward_query.
@compute @workgroup_size(64)
fn attention_backward_key(@builtin(global_invocation_id) id: vec3u) {
  let m = id.x / H;
  let h = id.x % H;
  if (m >= batch.N) { return; }
  let at = m * 3u * A4 + h * D4;
  var k: array<vec4f, D4>;
  var v: array<vec4f, D4>;
  var dk: array<vec4f, D4>;
  var dv: array<vec4f, D4>;
  for (var d = 0u; d < D4; d++) {
    k[d] = qkv[at + A4 + d];
    v[d] = qkv[at + 2u * A4 + d];
    dk[d] = vec4f();
    dv[d] = vec4f();
  }
  for (var n = m; n < rows[m].w; n++) {
    let query = n * 3u * A4 + h * D4;
    let p = exp(score(&k, query) - lse[n * H + h]);
    var dp = 0.0;
    for (var d = 0u; d < D4; d++) {
      let g = d_out[n * A4 + h * D4 + d];
      dv[d] += p * g;
      dp += dot(g, v[d]);
    }
    let ds = p * (dp - delta[n * H + h]) * SCALE;
    for (var d = 0u; d < D4; d++) { dk[d] += ds * qkv[query + d]; }
  }
  for (var d = 0u; d < D4; d++) {
    d_qkv[at + A4 + d] = turn_back(dk[d], rows[m].y, d);
    d_qkv[at + 2u * A4 + d] = dv[d];
  }
}
