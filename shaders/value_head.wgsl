// value_head: what reward each row still expects, v[n] = w · y[n] + b, its clipped loss, and the gradients.
//
//   loss[n] = ½ max((v − target)², (clamp(v, old − clip, old + clip) − target)²)      verl's compute_value_loss
//   d_v[n]  = coefficient · weight[n] · (v − target), 0 where the clip holds
//   d_y[n] += d_v[n] w,  dw = Σ_n d_v[n] y[n],  db = Σ_n d_v[n]
//
//   in      y        [N, CP] the last norm's output
//   in      head     [CP + 4] w, then b
//   in      facts    [N] of policy_loss.wgsl: weight, 0 on rows that predict no response token
//   in      targets  [N] value when it was sampled, what the head should say
//   out     values   [N] weight · loss, v, 1 where the clip holds, d_v; all 0 on rows of weight 0
//   in/out  d_y      [N, CP] added to: the policy's gradient stands there
//   out     sums     [1] values summed over the rows
//
// Constants: CP, P, SPLITS. Needs lib/rows_packed.wgsl. Source: Schulman et al. 2017, arXiv:1707.06347.
// Test: test/kernels/value_head.test.ts

const CP4 = CP / 4u;

struct Critic { coefficient: f32, clip: f32 }

@group(0) @binding(2) var<uniform> critic: Critic;
@group(0) @binding(3) var<storage, read> y: array<vec4f>;
@group(0) @binding(4) var<storage, read> head: array<vec4f>;
@group(0) @binding(5) var<storage, read> facts: array<vec4f>;
@group(0) @binding(6) var<storage, read> targets: array<vec2f>;
@group(0) @binding(7) var<storage, read_write> values: array<vec4f>;

fn value_of(n: u32) -> f32 {
  var sum = head[CP4].x;
  for (var c = 0u; c < CP4; c++) { sum += dot(y[n * CP4 + c], head[c]); }
  return sum;
}

// v alone, without a loss. Dispatch: x over N.
@compute @workgroup_size(32)
fn value(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x;
  if (n >= batch.N) { return; }
  values[n] = vec4f();
  if (facts[n].x != 0.0) { values[n].y = value_of(n); }
}

// Dispatch: x over N.
@compute @workgroup_size(32)
fn value_loss(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x;
  if (n >= batch.N) { return; }
  values[n] = vec4f();
  let weight = facts[n].x;
  if (weight == 0.0) { return; }
  let v = value_of(n);
  let old = targets[n].x;
  let target_value = targets[n].y;
  let free = v - target_value;
  let held = clamp(v, old - critic.clip, old + critic.clip) - target_value;
  let is_held = held * held > free * free;
  let loss = 0.5 * max(free * free, held * held);
  let d_v = select(critic.coefficient * weight * free, 0.0, is_held);
  values[n] = vec4f(weight * loss, v, select(0.0, 1.0, is_held), d_v);
}

@group(0) @binding(8) var<storage, read_write> d_y: array<vec4f>;

// Dispatch: x over CP/4, y over N.
@compute @workgroup_size(8, 8)
fn value_backward(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= CP4 || id.y >= batch.N) { return; }
  d_y[id.y * CP4 + id.x] += values[id.y].w * head[id.x];
}

@group(0) @binding(9) var<storage, read_write> partial: array<vec4f>; // [SPLITS, P] at this tensor's offset

// Dispatch: x over CP/4 + 1, the last for the bias; y over SPLITS.
@compute @workgroup_size(32)
fn value_backward_weight(@builtin(global_invocation_id) id: vec3u) {
  let c = id.x;
  if (c > CP4) { return; }
  let share = (batch.N + SPLITS - 1u) / SPLITS;
  var sum = vec4f();
  for (var n = id.y * share; n < min((id.y + 1u) * share, batch.N); n++) {
    if (c == CP4) { sum.x += values[n].w; } else { sum += values[n].w * y[n * CP4 + c]; }
  }
  let at = id.y * (P / 4u) + c;
  if (batch.accumulate == 1u) { partial[at] += sum; } else { partial[at] = sum; }
}

@group(0) @binding(10) var<storage, read_write> sums: array<vec4f>;

var<workgroup> part: array<vec4f, 64>;

// Dispatch: 1.
@compute @workgroup_size(64)
fn sum_values(@builtin(local_invocation_index) i: u32) {
  var sum = vec4f();
  for (var n = i; n < batch.N; n += 64u) { sum += values[n]; }
  part[i] = sum;
  workgroupBarrier();
  if (i > 0u) { return; }
  for (var j = 1u; j < 64u; j++) { sum += part[j]; }
  sums[0] = sum;
}
