// attention: causal multi-head attention over packed sequences, online softmax, and its gradients.
//
//   s[n, m] = q[n] · k[m] / sqrt(D),  m over the rows that n sees;  p = softmax(s);  out[n] = Σ_m p[n, m] v[m]
//   dv[m] = Σ_n p[n, m] d_out[n]
//   ds[n, m] = p[n, m] (d_out[n] · v[m] − delta[n]),  delta[n] = d_out[n] · out[n]
//   dq[n] = Σ_m ds[n, m] k[m] / sqrt(D),  dk[m] = Σ_n ds[n, m] q[n] / sqrt(D)
//
// q and k are already turned by RoPE; dq and dk are turned back here, so d_qkv is the gradient of the linear layer.
//
//   qkv, d_qkv  [N, 3A], A = H · D        out, d_out  [N, A]
//   lse         [N, H] log Σ exp(s), nats  delta      [N, H]
//
// Constants: H, D (padded to a multiple of 4, padding zero), A, SCALE = 1/sqrt(real D).
// Needs lib/rows_packed.wgsl, and lib/lanes_*.wgsl and lib/attention_*.wgsl of one kind.
// One thread per (row, head), four rows of a head beside one another. The sums run in steps of four rows, counted from
// the first row of the piece (lib/rows_packed.wgsl), and each step adds its four in pairs: in whatever slots they stand,
// the bits are the same, so a sequence comes out alike wherever it stands in a batch. Threads that load together go
// through the pieces that one of them sees in turn.
// Dispatch: x over ⌈N/4⌉ · H · 4. Test: test/kernels/attention.test.ts

const D4 = D / 4u;
const A4 = A / 4u;

@group(0) @binding(3) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> out: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> lse: array<f32>;

// Row and head of a thread; rows from N on leave with their quad or repeat the last row and store nothing.
fn row_of(x: u32) -> u32 { return x / (4u * H) * 4u + x % 4u; }
fn head_of(x: u32) -> u32 { return x / 4u % H; }

const NONE = 0xffffffffu;

fn weighed(m: mat4x4f, p: vec4f) -> vec4f { return (m[0] * p.x + m[1] * p.y) + (m[2] * p.z + m[3] * p.w); }
// Of the pieces that are gone through in turn, by their first rows: what follows `turn`, or NONE.
fn later(first: u32, turn: u32) -> u32 { return select(NONE, first, first > turn); }
fn next_turn(prompt: u32, first: u32, turn: u32) -> u32 {
  return least(min(later(prompt, turn), later(first, turn)));
}

@compute @workgroup_size(64)
fn attention(@builtin(global_invocation_id) id: vec3u) {
  if (row_of(id.x) / 4u * 4u >= batch.N) { return; }
  let n = min(row_of(id.x), batch.N - 1u);
  let h = head_of(id.x);
  let query = n * 3u * A4 + h * D4;
  var q: array<vec4f, D4>;
  var sum: array<vec4f, D4>;
  for (var d = 0u; d < D / 4u; d++) {
    q[d] = qkv[query + d] * SCALE;
    sum[d] = vec4f();
  }
  var top = -3.4e38;
  var total = 0.0;
  let prompt = rows[n].prompt;
  let first = rows[n].first;
  let own = own_end(n);
  let border = prompt + rows[n].position - (own - first);
  // Where the piece begins that ends with the row itself: a question is one by itself.
  let ending = select(n, first, own == n);
  for (var turn = least(prompt); turn != NONE; turn = next_turn(prompt, select(ending, first, turn < first), turn)) {
    let before = select(select(0u, border, prompt == turn), own, first == turn);
    let mine = select(before, n + 1u, ending == turn);
    let last = most(mine);
    for (var m = turn; m < last; m += 4u) {
      let keys = m + slots(id.x);
      let at = min(keys, vec4u(batch.N - 1u)) * (3u * A4) + A4 + h * D4;
      let seen = keys < vec4u(mine);
      var s = vec4f();
      for (var d = 0u; d < D / 4u; d++) { s += q[d] * qkv4(at + d); }
      s = select(vec4f(-3.4e38), s, seen);
      let top_now = max(top, max(max(s.x, s.y), max(s.z, s.w)));
      // Exactly 1 where nothing new is seen.
      let keep = select(1.0, exp(top - top_now), top_now > top);
      let p = select(vec4f(), exp(s - top_now), seen);
      total = total * keep + ((p.x + p.y) + (p.z + p.w));
      for (var d = 0u; d < D / 4u; d++) { sum[d] = sum[d] * keep + weighed(qkv4(at + A4 + d), p); }
      top = top_now;
    }
  }
  if (row_of(id.x) >= batch.N) { return; }
  for (var d = 0u; d < D / 4u; d++) { out[n * A4 + h * D4 + d] = sum[d] / total; }
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
  if (row_of(id.x) / 4u * 4u >= batch.N) { return; }
  let n = min(row_of(id.x), batch.N - 1u);
  let h = head_of(id.x);
  let query = n * 3u * A4 + h * D4;
  var q: array<vec4f, D4>;
  var g: array<vec4f, D4>;
  var sum: array<vec4f, D4>;
  var own = 0.0;
  for (var d = 0u; d < D / 4u; d++) {
    q[d] = qkv[query + d] * SCALE;
    g[d] = d_out[n * A4 + h * D4 + d];
    sum[d] = vec4f();
    own += dot(g[d], out[n * A4 + h * D4 + d]);
  }
  let norm = lse[n * H + h];
  let prompt = rows[n].prompt;
  let first = rows[n].first;
  let border = shared_end(n);
  for (var turn = least(prompt); turn != NONE; turn = next_turn(prompt, first, turn)) {
    let mine = select(select(0u, border, prompt == turn), n + 1u, first == turn);
    let last = most(mine);
    for (var m = turn; m < last; m += 4u) {
      let keys = m + slots(id.x);
      let at = min(keys, vec4u(batch.N - 1u)) * (3u * A4) + A4 + h * D4;
      var s = vec4f();
      var dp = vec4f();
      for (var d = 0u; d < D / 4u; d++) {
        s += q[d] * qkv4(at + d);
        dp += g[d] * qkv4(at + A4 + d);
      }
      let p = select(vec4f(), exp(s - norm), keys < vec4u(mine));
      let ds = p * (dp - own) * SCALE;
      for (var d = 0u; d < D / 4u; d++) { sum[d] += weighed(qkv4(at + d), ds); }
    }
  }
  if (row_of(id.x) >= batch.N) { return; }
  delta[n * H + h] = own;
  for (var d = 0u; d < D / 4u; d++) { d_qkv[query + d] = turn_back(sum[d], rows[n].position, d); }
}

// dk and dv, one thread per key: of a shared row over all sequences that share it, in their order; needs delta of attention_backward_query.
@compute @workgroup_size(64)
fn attention_backward_key(@builtin(global_invocation_id) id: vec3u) {
  if (row_of(id.x) / 4u * 4u >= batch.N) { return; }
  let m = min(row_of(id.x), batch.N - 1u);
  let h = head_of(id.x);
  let at = m * 3u * A4 + h * D4;
  var k: array<vec4f, D4>;
  var v: array<vec4f, D4>;
  var dk: array<vec4f, D4>;
  var dv: array<vec4f, D4>;
  for (var d = 0u; d < D / 4u; d++) {
    k[d] = qkv[at + A4 + d] * SCALE;
    v[d] = qkv[at + 2u * A4 + d];
    dk[d] = vec4f();
    dv[d] = vec4f();
  }
  let first = rows[m].first;
  for (var turn = least(first); turn != NONE; turn = least(later(first, turn))) {
    let mine = select(0u, rows[m].end, first == turn);
    let last = most(mine);
    let before = least(select(NONE, m, first == turn)) - turn;
    for (var n = turn + before / 4u * 4u; n < last; n += 4u) {
      let queries = n + slots(id.x);
      let safe = min(queries, vec4u(batch.N - 1u));
      let query = safe * (3u * A4) + h * D4;
      let given = safe * A4 + h * D4;
      var s = vec4f();
      var dp = vec4f();
      for (var d = 0u; d < D / 4u; d++) {
        s += k[d] * qkv4(query + d);
        dp += v[d] * d_out4(given + d);
      }
      let p = select(vec4f(), exp(s - lse4(safe * H + h)), (queries >= vec4u(m)) & (queries < vec4u(mine)));
      let ds = p * (dp - delta4(safe * H + h)) * SCALE;
      for (var d = 0u; d < D / 4u; d++) {
        dv[d] += weighed(d_out4(given + d), p);
        dk[d] += weighed(qkv4(query + d), ds);
      }
    }
  }
  if (row_of(id.x) >= batch.N) { return; }
  for (var d = 0u; d < D / 4u; d++) {
    d_qkv[at + A4 + d] = turn_back(dk[d], rows[m].position, d);
    d_qkv[at + 2u * A4 + d] = dv[d];
  }
}
