// sample: draws the next token of every unfinished sequence from softmax(logits / T), records what training needs,
// stops at EOS, and writes the embedding of the drawn token as the next input, all without leaving the GPU.
//
//   in      logits     [B, VP] by row; what else is said by sequence
//   in      embedding  [V, CP]
//   in/out  state      [B] tokens so far, 1 when finished
//   out     tokens     [B, R] drawn ids, at the position drawn
//   out     records    [B, R] log-probability and entropy (nats, at T), P(EOS), 0: at T, whatever temperature drew
//   in/out  order      [B + 1] rows in use, then the sequence of each row
//   out     x          [B, CP] the next input, by row
//
// Draw: inverse of the cumulative distribution at random_uniform(seed, stream, step, sequence, position), summed in the
// order of ids. T = 0 takes the likeliest token and records at T = 1. Where `spread` is not 0 a token is drawn at
// T (1 + spread · h), h the standing of its row's entropy (core/entropy_standing.ts; arXiv 2509.16591).
// Constants: V, VP, CP, EOS. Needs lib/random.wgsl. One thread a sequence. Test: test/model/generate.test.ts

struct Rollout {
  B: u32, R: u32, seed: u32, stream: u32, step: u32, temperature: f32,
  spread: f32, pivot: f32, above: f32, below: f32, unused0: u32, unused1: u32,
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

// By how much warmer than T a row of this entropy is drawn.
fn warmth(entropy: f32) -> f32 {
  let over = log(max(entropy, 1e-8)) - rollout.pivot;
  return 1.0 + rollout.spread * clamp(over * select(rollout.below, rollout.above, over > 0.0), -1.0, 1.0);
}

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
  let log_total = log(total);
  let entropy = log_total - mean / total;
  let t = state[b].x;
  var token = likeliest;
  if (!greedy) {
    // The draw's own scale, largest scaled logit and sum: those of T where nothing is warmed.
    var own = scale;
    var own_top = top;
    var own_total = total;
    if (rollout.spread != 0.0) {
      own = scale / warmth(entropy);
      own_top = logits[row + likeliest] * own;
      own_total = 0.0;
      for (var v = 0u; v < V; v++) { own_total += exp(logits[row + v] * own - own_top); }
    }
    let u = random_uniform(rollout.seed, rollout.stream, rollout.step, sequences[b].w, t) * own_total;
    var sum = 0.0;
    for (var v = 0u; v < V; v++) {
      sum += exp(logits[row + v] * own - own_top);
      // Rounding can leave u above the last sum: the likeliest token then stands.
      if (u < sum) { token = v; break; }
    }
  }
  let at = b * rollout.R + t;
  tokens[at] = token;
  records[at] = vec4f(
    logits[row + token] * scale - top - log_total,
    entropy,
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
