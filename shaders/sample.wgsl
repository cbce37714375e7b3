// sample: draws the next token of every unfinished sequence from softmax(logits / T), records what training needs,
// stops at EOS, and writes the embedding of the drawn token as the next input, all without leaving the GPU.
//
//   in      logits     [B, VP] by row; what else is said by sequence
//   in      embedding  [V, CP]
//   in/out  state      [B] tokens so far, 1 when finished
//   out     tokens     [B, R] drawn ids, at the position drawn
//   out     records    [B, R] of lib/draw.wgsl
//   in/out  order      [B + 1] rows in use, then the sequence of each row
//   out     x          [B, CP] the next input, by row
//
// Constants: V, VP, CP, EOS. Needs lib/random.wgsl, lib/draw.wgsl. One thread a sequence.
// Test: test/kernels/sample.test.ts, test/model/generate.test.ts

struct Rollout {
  B: u32, R: u32, seed: u32, stream: u32, step: u32, temperature: f32,
  spread: f32, pivot: f32, above: f32, below: f32, count: u32, unused: u32,
}

@group(0) @binding(0) var<uniform> rollout: Rollout;
@group(0) @binding(1) var<storage, read> sequences: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> state: array<vec2u>;
@group(0) @binding(3) var<storage, read> logits: array<f32>;
@group(0) @binding(4) var<storage, read> embedding: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> tokens: array<u32>;
@group(0) @binding(6) var<storage, read_write> records: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> x: array<vec4f>;
@group(0) @binding(10) var<storage, read_write> order: array<u32>;

const CP4 = CP / 4u;

fn logit(at: u32) -> f32 { return logits[at]; }

// First input of every sequence, before the first draw. Dispatch: x over B.
@compute @workgroup_size(32)
fn sample_begin(@builtin(global_invocation_id) id: vec3u) {
  let b = id.x;
  if (b >= rollout.B) { return; }
  state[b] = vec2u(0u, 0u);
  order[1u + b] = b;
  if (b == 0u) { order[0] = rollout.B; }
  for (var c = 0u; c < CP4; c++) { x[b * CP4 + c] = embedding[sequences[b].z * CP4 + c]; }
}

// Dispatch: x over B.
@compute @workgroup_size(32)
fn sample(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x;
  if (n >= order[0]) { return; }
  let b = order[1u + n];
  if (state[b].y == 1u) { return; }
  let t = state[b].x;
  let drawn = draw(n * VP, sequences[b].w, t);
  let at = b * rollout.R + t;
  tokens[at] = drawn.token;
  records[at] = drawn.record;
  state[b] = vec2u(t + 1u, select(0u, 1u, drawn.finished));
  for (var c = 0u; c < CP4; c++) { x[n * CP4 + c] = embedding[drawn.token * CP4 + c]; }
}

// Gives the first rows to the sequences that go on, in their order; each must have drawn a token. Dispatch: x over B.
@compute @workgroup_size(32)
fn sample_compact(@builtin(global_invocation_id) id: vec3u) {
  let b = id.x;
  if (b >= rollout.B) { return; }
  var n = 0u;
  for (var i = 0u; i < b; i++) { n += 1u - state[i].y; }
  let going_on = 1u - state[b].y;
  if (b + 1u == rollout.B) { order[0] = n + going_on; }
  if (going_on == 0u) { return; }
  order[1u + n] = b;
  let token = tokens[b * rollout.R + state[b].x - 1u];
  for (var c = 0u; c < CP4; c++) { x[n * CP4 + c] = embedding[token * CP4 + c]; }
}
