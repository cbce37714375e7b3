// draw: one token from softmax(logits / T) of a row of logits, and what training records of it: of sample.wgsl and of
// rollout.wgsl alike.
//
// Draw: inverse of the cumulative distribution at random_uniform(seed, stream, step, sequence, position), summed in the
// order of ids. T = 0 takes the likeliest token and records at T = 1. Where `spread` is not 0 a token is drawn at
// T (1 + spread · h), h the standing of its row's entropy (core/entropy_standing.ts; arXiv 2509.16591).
// Constants: V, EOS. Needs lib/random.wgsl, the uniform `rollout`, and fn logit(at: u32) -> f32.

struct Draw {
  token: u32,
  record: vec4f,   // log-probability and entropy (nats, at T), P(EOS), 0: at T, whatever temperature drew
  finished: bool,  // the response ends here
}

// By how much warmer than T a row of this entropy is drawn.
fn warmth(entropy: f32) -> f32 {
  let over = log(max(entropy, 1e-8)) - rollout.pivot;
  return 1.0 + rollout.spread * clamp(over * select(rollout.below, rollout.above, over > 0.0), -1.0, 1.0);
}

// Token `t` of the response of the sequence with this number; the logits of ids 0 … V−1 begin at `row`.
fn draw(row: u32, number: u32, t: u32) -> Draw {
  let greedy = rollout.temperature == 0.0;
  let scale = select(1.0 / rollout.temperature, 1.0, greedy);
  var top = -3.4e38;
  var likeliest = 0u;
  for (var v = 0u; v < V; v++) {
    let z = logit(row + v) * scale;
    if (z > top) { top = z; likeliest = v; }
  }
  var total = 0.0;
  var mean = 0.0; // Σ e^{z − top} (z − top)
  for (var v = 0u; v < V; v++) {
    let z = logit(row + v) * scale - top;
    let e = exp(z);
    total += e;
    mean += e * z;
  }
  let log_total = log(total);
  let entropy = log_total - mean / total;
  var token = likeliest;
  if (!greedy) {
    // The draw's own scale, largest scaled logit and sum: those of T where nothing is warmed.
    var own = scale;
    var own_top = top;
    var own_total = total;
    if (rollout.spread != 0.0) {
      own = scale / warmth(entropy);
      own_top = logit(row + likeliest) * own;
      own_total = 0.0;
      for (var v = 0u; v < V; v++) { own_total += exp(logit(row + v) * own - own_top); }
    }
    let u = random_uniform(rollout.seed, rollout.stream, rollout.step, number, t) * own_total;
    var sum = 0.0;
    for (var v = 0u; v < V; v++) {
      sum += exp(logit(row + v) * own - own_top);
      // Rounding can leave u above the last sum: the likeliest token then stands.
      if (u < sum) { token = v; break; }
    }
  }
  let record = vec4f(
    logit(row + token) * scale - top - log_total,
    entropy,
    exp(logit(row + EOS) * scale - top) / total,
    0.0,
  );
  return Draw(token, record, token == EOS || t + 1u == rollout.R);
}
