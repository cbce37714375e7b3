// token_stats: log-probability of the taken token and entropy of its row, without a loss; and sums over rows.
//
//   in   logits   [N, VP]
//   in   actions  [N]
//   in   facts    [N] of policy_loss.wgsl: rows of weight 0 are passed over
//   out  facts    [N] .w = log-probability: the reference's, when run on the reference's logits
//   out  current  [N, 2] the buffer stats: logp and entropy where policy_loss.wgsl puts them, the rest 0
//   in   stats    [N, 2] of policy_loss.wgsl
//   out  sums     [8] columns of stats summed over the rows
//
// Constants: V, VP. Needs lib/rows_packed.wgsl. Test: test/kernels/policy_loss.test.ts

@group(0) @binding(3) var<storage, read> logits: array<f32>;
@group(0) @binding(4) var<storage, read> actions: array<u32>;
@group(0) @binding(5) var<storage, read_write> facts: array<vec4f>;

// Dispatch: x over N.
@compute @workgroup_size(32)
fn reference_logp(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x;
  if (n >= batch.N || facts[n].x == 0.0) { return; }
  let row = n * VP;
  let scale = batch.inverse_temperature;
  var top = -3.4e38;
  for (var v = 0u; v < V; v++) { top = max(top, logits[row + v] * scale); }
  var total = 0.0;
  for (var v = 0u; v < V; v++) { total += exp(logits[row + v] * scale - top); }
  facts[n].w = logits[row + actions[n]] * scale - top - log(total);
}

@group(0) @binding(8) var<storage, read_write> current: array<vec4f>;

// The same numbers as policy_loss.wgsl computes, so that a method's constants fit the gradient it takes.
// Dispatch: x over N.
@compute @workgroup_size(32)
fn current_stats(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x;
  if (n >= batch.N) { return; }
  current[2u * n] = vec4f();
  current[2u * n + 1u] = vec4f();
  if (facts[n].x == 0.0) { return; }
  let row = n * VP;
  let scale = batch.inverse_temperature;
  var top = -3.4e38;
  for (var v = 0u; v < V; v++) { top = max(top, logits[row + v] * scale); }
  var total = 0.0;
  var mean = 0.0;
  for (var v = 0u; v < V; v++) {
    let z = logits[row + v] * scale - top;
    let e = exp(z);
    total += e;
    mean += e * z;
  }
  let log_total = log(total);
  let logp = logits[row + actions[n]] * scale - top - log_total;
  current[2u * n] = vec4f(0.0, logp, log_total - mean / total, 0.0);
}

@group(0) @binding(6) var<storage, read> stats: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> sums: array<vec4f>;

var<workgroup> part: array<vec4f, 64>;

// One workgroup; a thread adds one half of every 32nd row. Dispatch: 1.
@compute @workgroup_size(64)
fn sum_stats(@builtin(local_invocation_index) i: u32) {
  var sum = vec4f();
  for (var n = i / 2u; n < batch.N; n += 32u) { sum += stats[2u * n + i % 2u]; }
  part[i] = sum;
  workgroupBarrier();
  if (i > 1u) { return; }
  for (var j = i + 2u; j < 64u; j += 2u) { sum += part[j]; }
  sums[i] = sum;
}
