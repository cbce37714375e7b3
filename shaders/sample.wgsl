// sample: draws the next token of every unfinished sequence from softmax(logits / T), records what training needs,
// stops at EOS, and writes the embedding of the drawn token as the next input, all without leaving the GPU.
//
//   in      logits     [B, VP] by row; what else is said by sequence
//   in      embedding  [V, CP]
//   in/out  state      [B] tokens so far, 1 when finished
//   out     tokens     [B, R] drawn ids, at the position drawn
//   out     records    [B, R] log-probability and entropy (nats, at T), P(EOS), 0
//   in/out  order      [B + 1] rows in use, then the sequence of each row
//   out     x          [B, CP] the next input, by row
//
// Draw: inverse of the cumulative distribution at random_uniform(seed, stream, step, sequence, position), summed in the
// order of ids. T = 0 takes the likeliest token and records at T = 1.
// Constants: V, VP, CP, EOS. Needs lib/random.wgsl. One thread a sequence. Test: test/model/generate.test.ts

struct Rollout {
  B: u32, R: u32, seed: u32, stream: u32, step: u32, temperature: f32, unused0: u32, unused1: u32,
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
  let row = n * VP;
  let greedy = rollout.temperature == 0.0;
  let scale = select(1.0 / rollout.temperature, 1.0, greedy);
  var top = -3.4e38;
  var likeliest = 0u;
  for (var v = 0u; v < V; v++) {
    let z = logits[row + v] * scale;
    if (z > top) { top = z; likeliest = v; }
  }
  var total = 0.0;
  var mean = 0.0; // Σ e^{z − top} (z − top)
  for (var v = 0u; v < V; v++) {
    let z = logits[row + v] * scale - top;
    let e = exp(z);
    total += e;
    mean += e * z;
  }
  let t = state[b].x;
  var token = likeliest;
  if (!greedy) {
    let u = random_uniform(rollout.seed, rollout.stream, rollout.step, sequences[b].w, t) * total;
    var sum = 0.0;
    for (var v = 0u; v < V; v++) {
      sum += exp(logits[row + v] * scale - top);
      // Rounding can leave u above the last sum: the likeliest token then stands.
      if (u < sum) { token = v; break; }
    }
  }
  let log_total = log(total);
  let at = b * rollout.R + t;
  tokens[at] = token;
  records[at] = vec4f(
    logits[row + token] * scale - top - log_total,
    log_total - mean / total,
    exp(logits[row + EOS] * scale - top) / total,
    0.0,
  );
  let finished = token == EOS || t + 1u == rollout.R;
  state[b] = vec2u(t + 1u, select(0u, 1u, finished));
  for (var c = 0u; c < CP4; c++) { x[n * CP4 + c] = embedding[token * CP4 + c]; }
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
