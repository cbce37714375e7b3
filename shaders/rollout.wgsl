// rollout: the next tokens of every sequence in one dispatch, in place of the decode kernels one after another: where
// a launch costs more than its work. One workgroup owns S sequences and walks tokens and layers by itself, activations in
// its own memory. Who goes on, and from where, it reads in `state`, so dispatches of it follow one another and, after
// sample_compact of sample.wgsl, those of the decode kernels. A workgroup whose sequences have all finished leaves.
//
//   in      theta    all parameters (model/layout.ts)
//   in      prompts  [L, N, 3A] of the prefilled prompts: queries, keys, values
//   in      rope     [T, D] as in epilogue/rope.wgsl
//   in/out  cache    [L, B, R, 2A] keys and values of the responses
//   out     tokens, records  [B, R] as of sample.wgsl
//
// Constants: C, CP, A, D, F, H, V, VP, EPS, SCALE, EOS; LAYERS, POSITIONS (most of a sequence), THREADS; S4 = 4 · S, so
// that loops over S are written out (gpu/unroll.ts); in vec4 of theta where a matrix begins: EMBED, NORM, HEAD, in the
// first layer NORM1, QKV, OUT, NORM2, GATE_UP, DOWN, and LAYER from one layer to the next.
// Needs lib/random.wgsl, lib/rows_decode.wgsl, lib/draw.wgsl. Dispatch: x over B / S, each `rollout.count` tokens.
// Test: test/model/rollout_variants.test.ts

const S = S4 / 4u;
const C4 = CP / 4u;
const A4 = A / 4u;
const F4 = F / 4u;
const V4 = VP / 4u;
const D4 = D / 4u;
// Of a sum over many columns, so that few outputs still give every thread its share.
const PARTS = 4u;

@group(0) @binding(3) var<storage, read> theta: array<vec4f>;
@group(0) @binding(4) var<storage, read> prompts: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> cache: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> tokens: array<u32>;
@group(0) @binding(7) var<storage, read> rope: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> records: array<vec4f>;

// Parts of `memory`, each with a row for every sequence.
const X = 0u;                            // [S, C4] residual stream
const HEADS = X + S * C4;                // [S, A4] queries, then what attention gives
const WIDE = HEADS + S * A4;             // [S, F4] inside of the MLP; [S, V4] logits
const SUMS = WIDE + S * max(F4, V4);     // [S, C4, PARTS]
var<workgroup> memory: array<vec4f, SUMS + S * C4 * PARTS>;
var<workgroup> scores: array<f32, S * H * POSITIONS>;
// First row of the prompt, prefilled rows, tokens drawn, next input or NONE.
var<workgroup> seated: array<vec4u, S>;
const NONE = 0xffffffffu;

fn logit(at: u32) -> f32 { return memory[at / 4u][at % 4u]; }

fn seat(b: u32) -> vec4u {
  if (b >= rollout.B || state[b].y == 1u) { return vec4u(0u, 0u, 0u, NONE); }
  let t = state[b].x;
  let s = sequences[b];
  if (t == 0u) { return vec4u(s.xy, t, s.z); }
  return vec4u(s.xy, t, tokens[b * rollout.R + t - 1u]);
}

// Columns of the 4×4 block of a matrix, so that a product with it costs four vector multiply-adds.
fn block(at: u32, stride: u32) -> mat4x4f {
  return transpose(mat4x4f(theta[at], theta[at + stride], theta[at + 2u * stride], theta[at + 3u * stride]));
}

// Outputs 4o … 4o + 3 of W · rmsnorm(x), of every sequence.
fn of_normed(matrix: u32, gain: u32, o: u32) -> array<vec4f, S> {
  var acc: array<vec4f, S>;
  var squares: array<f32, S>;
  for (var k = 0u; k < C4; k++) {
    let m = block(matrix + o * 4u * C4 + k, C4);
    let g = theta[gain + k];
    for (var s = 0u; s < S4 / 4u; s++) {
      let v = memory[X + s * C4 + k];
      squares[s] += dot(v, v);
      acc[s] += m * (v * g);
    }
  }
  for (var s = 0u; s < S4 / 4u; s++) { acc[s] *= inverseSqrt(squares[s] / f32(C) + EPS); }
  return acc;
}

// x += W · y, y in rows of K4 from `input` on.
fn add_product(i: u32, matrix: u32, input: u32, K4: u32) {
  for (var item = i; item < C4 * PARTS; item += THREADS) {
    let o = item / PARTS;
    var acc: array<vec4f, S>;
    for (var k = item % PARTS; k < K4; k += PARTS) {
      let m = block(matrix + o * 4u * K4 + k, K4);
      for (var s = 0u; s < S4 / 4u; s++) { acc[s] += m * memory[input + s * K4 + k]; }
    }
    for (var s = 0u; s < S4 / 4u; s++) { memory[SUMS + s * C4 * PARTS + item] = acc[s]; }
  }
  workgroupBarrier();
  for (var item = i; item < S * C4; item += THREADS) {
    var sum = memory[X + item];
    for (var part = 0u; part < PARTS; part++) { sum += memory[SUMS + item * PARTS + part]; }
    memory[X + item] = sum;
  }
  workgroupBarrier();
}

// Queries into `memory`, keys and values into the cache.
fn attention_inputs(i: u32, first: u32, l: u32) {
  for (var o = i; o < 3u * A4; o += THREADS) {
    let acc = of_normed(l * LAYER + QKV, l * LAYER + NORM1, o);
    for (var s = 0u; s < S4 / 4u; s++) {
      let own = seated[s];
      if (own.w != NONE) {
        var y = acc[s];
        if (o < 2u * A4) {
          let turn = rope[(own.y + own.z) * D4 + o % D4];
          y = vec4f(y.x * turn.x - y.y * turn.y, y.y * turn.x + y.x * turn.y,
                    y.z * turn.z - y.w * turn.w, y.w * turn.z + y.z * turn.w);
        }
        if (o < A4) { memory[HEADS + s * A4 + o] = y * SCALE; }
        else { cache[cached(l, first + s, own.z) + o - A4] = y; }
      }
    }
  }
  storageBarrier();
  workgroupBarrier();
}

fn prefilled(l: u32, row: u32) -> u32 { return l * (arrayLength(&prompts) / LAYERS) + row * 3u * A4 + A4; }
fn cached(l: u32, b: u32, t: u32) -> u32 { return l * (arrayLength(&cache) / LAYERS) + (b * rollout.R + t) * 2u * A4; }

// In `scores` a row of each sequence and head: q · k of the prompt, then of the response.
fn attention_scores(i: u32, first: u32, l: u32, longest: u32) {
  for (var item = i; item < S * H * longest; item += THREADS) {
    let s = item % (S * H) / H;
    let h = item % H;
    let p = item / (S * H);
    let own = seated[s];
    if (own.w == NONE || p > own.y + own.z) { continue; }
    let q = HEADS + s * A4 + h * D4;
    var score = 0.0;
    if (p < own.y) {
      let key = prefilled(l, own.x + p) + h * D4;
      for (var d = 0u; d < D / 4u; d++) { score += dot(memory[q + d], prompts[key + d]); }
    } else {
      let key = cached(l, first + s, p - own.y) + h * D4;
      for (var d = 0u; d < D / 4u; d++) { score += dot(memory[q + d], cache[key + d]); }
    }
    scores[(s * H + h) * POSITIONS + p] = score;
  }
  workgroupBarrier();
}

// Over the queries: Σ p v / Σ p, p = exp(score − the largest).
fn attention_values(i: u32, first: u32, l: u32) {
  for (var item = i; item < S * A4; item += THREADS) {
    let s = item / A4;
    let c = item % A4;
    let own = seated[s];
    if (own.w == NONE) { continue; }
    let row = (s * H + c / D4) * POSITIONS;
    let count = own.y + own.z + 1u;
    var top = -3.4e38;
    for (var p = 0u; p < count; p++) { top = max(top, scores[row + p]); }
    var total = 0.0;
    var sum = vec4f();
    for (var p = 0u; p < own.y; p++) {
      let e = exp(scores[row + p] - top);
      total += e;
      sum += e * prompts[prefilled(l, own.x + p) + A4 + c];
    }
    for (var p = own.y; p < count; p++) {
      let e = exp(scores[row + p] - top);
      total += e;
      sum += e * cache[cached(l, first + s, p - own.y) + A4 + c];
    }
    memory[HEADS + item] = sum / total;
  }
  workgroupBarrier();
}

// silu(gate) · up. The rows of both stand in turn: eight outputs of the product give four.
fn mlp_inside(i: u32, l: u32) {
  for (var f = i; f < F4; f += THREADS) {
    let matrix = l * LAYER + GATE_UP + f * 8u * C4;
    var a: array<vec4f, S>;
    var b: array<vec4f, S>;
    var squares: array<f32, S>;
    for (var k = 0u; k < C4; k++) {
      let m = block(matrix + k, C4);
      let n = block(matrix + 4u * C4 + k, C4);
      let g = theta[l * LAYER + NORM2 + k];
      for (var s = 0u; s < S4 / 4u; s++) {
        let v = memory[X + s * C4 + k];
        squares[s] += dot(v, v);
        a[s] += m * (v * g);
        b[s] += n * (v * g);
      }
    }
    for (var s = 0u; s < S4 / 4u; s++) {
      let r = inverseSqrt(squares[s] / f32(C) + EPS);
      let gate = r * vec4f(a[s].xz, b[s].xz);
      memory[WIDE + s * F4 + f] = gate / (1.0 + exp(-gate)) * (r * vec4f(a[s].yw, b[s].yw));
    }
  }
  workgroupBarrier();
}

fn head(i: u32) {
  for (var o = i; o < V4; o += THREADS) {
    let acc = of_normed(HEAD, NORM, o);
    for (var s = 0u; s < S4 / 4u; s++) { memory[WIDE + s * V4 + o] = acc[s]; }
  }
  workgroupBarrier();
}

@compute @workgroup_size(THREADS)
fn rollout_tokens(@builtin(local_invocation_index) i: u32, @builtin(workgroup_id) group: vec3u) {
  let first = group.x * S;
  if (i < S) { seated[i] = seat(first + i); }
  for (var n = 0u; n < rollout.count; n++) {
    let seats = workgroupUniformLoad(&seated);
    // Positions of the longest, the new one among them.
    var longest = 0u;
    for (var s = 0u; s < S4 / 4u; s++) {
      longest = max(longest, select(seats[s].y + seats[s].z + 1u, 0u, seats[s].w == NONE));
    }
    if (longest == 0u) { break; }
    for (var item = i; item < S * C4; item += THREADS) {
      let input = seated[item / C4].w;
      if (input != NONE) { memory[X + item] = theta[EMBED + input * C4 + item % C4]; }
    }
    workgroupBarrier();
    for (var l = 0u; l < LAYERS; l++) {
      attention_inputs(i, first, l);
      attention_scores(i, first, l, longest);
      attention_values(i, first, l);
      add_product(i, l * LAYER + OUT, HEADS, A4);
      mlp_inside(i, l);
      add_product(i, l * LAYER + DOWN, WIDE, F4);
    }
    head(i);
    if (i < S && seated[i].w != NONE) {
      let b = first + i;
      let own = seated[i];
      let drawn = draw(4u * (WIDE + i * V4), sequences[b].w, own.z);
      let at = b * rollout.R + own.z;
      tokens[at] = drawn.token;
      records[at] = drawn.record;
      state[b] = vec2u(own.z + 1u, select(0u, 1u, drawn.finished));
      seated[i] = vec4u(own.xy, own.z + 1u, select(drawn.token, NONE, drawn.finished));
    }
  }
}
