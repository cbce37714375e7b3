// sample_latent: a latent position (LEPO). Instead of drawing a token it mixes all of them, and the mixture of their
// embeddings is the next input.
//
//   z = logits / T;  kept: the top_k likeliest, of those the likeliest for as long as those before them have less than top_p
//   y = softmax over the kept of (z + g) / tau,  g = −log(−log u) per token, or 0 without noise;  0 on the others
//   x = Σ_v y_v E[v]
//
//   in      logits    [B, VP]
//   in      weight    [V, CP] the embedding
//   in/out  state     [B] positions so far, 1 when finished
//   out     mixtures  [B, positions, V] y
//   out     tokens    [B, R] the likeliest token, for the end alone: a sequence ends where it is EOS, whatever was mixed
//   out     records   [B, R] Σ_v y_v log p_v and entropy of p = softmax(z) over all tokens (nats), P(EOS), 0
//   out     x         [B, CP] the next input
//
// With noise the largest share is on a fair draw from softmax(z) over the kept. T = 0: z = logits, and no noise.
// u is random_gumbel's of (seed, stream, step, sequence, position, token id). Sums run in the order of ids.
// Constants: V, VP, CP, EOS. Needs lib/random.wgsl, lib/rows_decode.wgsl, lib/token.wgsl, lib/choice.wgsl, lib/mix.wgsl.
// Source: LEPO, arXiv 2604.17892. Twin: src/reference/latent.ts. Test: test/model/latent.test.ts

struct Latent {
  positions: u32,
  top_k: u32,   // 0: all
  noise: u32,   // 0: none
  unused: u32,
  top_p: f32,   // 1: all
  tau: f32,     // > 0
}

@group(0) @binding(3) var<storage, read> logits: array<f32>;
@group(0) @binding(4) var<storage, read> weight: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> tokens: array<u32>;
@group(0) @binding(6) var<storage, read_write> records: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> x: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> mixtures: array<f32>;
@group(0) @binding(9) var<uniform> mixing: Latent;

// The last token that is kept. `top`: the largest of logits · scale.
fn last_kept(row: u32, scale: f32, top: f32) -> Edge {
  let most = select(min(mixing.top_k, V), V, mixing.top_k == 0u);
  if (most == V && mixing.top_p >= 1.0) { return Edge(-3.4e38, V); }
  var last = NO_EDGE;
  var within = 0.0;
  for (var rank = 0u; rank < most; rank++) {
    last = next_likeliest(row, last);
    within += exp(last.logit * scale - top);
  }
  if (mixing.top_p >= 1.0) { return last; }
  last = NO_EDGE;
  var before = 0.0;
  for (var rank = 0u; rank < most && before < mixing.top_p * within; rank++) {
    last = next_likeliest(row, last);
    before += exp(last.logit * scale - top);
  }
  return last;
}

// Dispatch: x over B.
@compute @workgroup_size(32)
fn sample_latent(@builtin(global_invocation_id) id: vec3u) {
  let b = id.x;
  if (!row_alive(b)) { return; }
  let row = b * VP;
  let greedy = rollout.temperature == 0.0;
  let scale = select(1.0 / rollout.temperature, 1.0, greedy);
  var top = -3.4e38;
  var token = 0u;
  for (var v = 0u; v < V; v++) {
    let z = logits[row + v] * scale;
    if (z > top) { top = z; token = v; }
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
  let bits = random_bits(rollout.seed, rollout.stream, rollout.step, sequences[b].w, t);
  let edge = last_kept(row, scale, top);
  let own = (b * mixing.positions + t) * V;
  var most = -3.4e38;
  for (var v = 0u; v < V; v++) {
    if (!inside(edge, logits[row + v], v)) { continue; }
    var s = logits[row + v] * scale - top;
    if (mixing.noise == 1u && !greedy) { s += random_gumbel(bits, v); }
    mixtures[own + v] = s;
    most = max(most, s);
  }
  var share = 0.0;
  for (var v = 0u; v < V; v++) {
    var e = 0.0;
    if (inside(edge, logits[row + v], v)) { e = exp((mixtures[own + v] - most) / mixing.tau); }
    mixtures[own + v] = e;
    share += e;
  }
  let log_total = log(total);
  var logp = 0.0;
  for (var v = 0u; v < V; v++) {
    let y = mixtures[own + v] / share;
    mixtures[own + v] = y;
    logp += y * (logits[row + v] * scale - top - log_total);
  }
  let at = b * rollout.R + t;
  tokens[at] = token;
  records[at] = vec4f(
    logp,
    log_total - mean / total,
    exp(logits[row + EOS] * scale - top) / total,
    0.0,
  );
  let finished = token == EOS || t + 1u == rollout.R;
  state[b] = vec2u(t + 1u, select(0u, 1u, finished));
}

// After sample_latent. Dispatch: x over CP/4, y over B.
@compute @workgroup_size(8, 8)
fn mix(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= CP4 || !row_alive(id.y)) { return; }
  x[id.y * CP4 + id.x] = mixed(id.y * mixing.positions + state[id.y].x - 1u, id.x);
}
