// adamw: sums the partial gradients, takes their global norm, clips, and applies AdamW (arXiv 1711.05101).
//
//   g = Σ_s partial[s];  norm = ‖g‖;  g ← g · min(1, max_norm / (norm + 1e-6))     as torch.nn.utils.clip_grad_norm_
//   θ ← θ (1 − lr · decay);  m ← β₁m + (1−β₁)g;  v ← β₂v + (1−β₂)g²
//   θ ← θ − lr · (m / (1−β₁ᵗ)) / (sqrt(v / (1−β₂ᵗ)) + eps)
//
// Three dispatches: grad_reduce, grad_norm, adamw. A norm that is not finite leaves θ, m, v as they were.
//
//   in      partial  [SPLITS, P], of which a policy uses the first SIZE
//   out     grad     [SIZE] before clipping
//   out     squares  [ceil(SIZE / 4096) · 64] sums of squares, one a thread
//   out     norm     [1]
//   in/out  theta, m, v  [SIZE]
//
// Constants: P (floats of one copy of the gradient), SIZE (floats of a policy, ≤ P; less where another policy of the
// engine has a value head and this one has not), both multiples of 4; SPLITS. Test: test/kernels/adamw.test.ts

struct Adam {
  lr: f32, beta1: f32, beta2: f32, eps: f32,
  weight_decay: f32, max_norm: f32,
  correction1: f32, // 1 − β₁ᵗ
  correction2: f32, // 1 − β₂ᵗ
}

const P4 = P / 4u;
const SIZE4 = SIZE / 4u;
const CHUNK = 16u; // vec4 per thread
const SQUARES = (SIZE4 + 64u * CHUNK - 1u) / (64u * CHUNK) * 64u;

@group(0) @binding(0) var<uniform> adam: Adam;
@group(0) @binding(1) var<storage, read> partial: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> grad: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> squares: array<f32>;
@group(0) @binding(4) var<storage, read_write> norm: array<f32>;

// One sum of squares a thread. Dispatch: x over SIZE/4 by 16.
@compute @workgroup_size(64)
fn grad_reduce(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) i: u32) {
  var sum = 0.0;
  for (var c = 0u; c < CHUNK; c++) {
    let at = (group.x * CHUNK + c) * 64u + i;
    if (at < SIZE4) {
      var g = vec4f();
      for (var s = 0u; s < SPLITS; s++) { g += partial[s * P4 + at]; }
      grad[at] = g;
      sum += dot(g, g);
    }
  }
  squares[group.x * 64u + i] = sum;
}

var<workgroup> part: array<f32, 64>;

// Dispatch: 1 workgroup.
@compute @workgroup_size(64)
fn grad_norm(@builtin(local_invocation_index) i: u32) {
  var sum = 0.0;
  for (var j = i; j < SQUARES; j += 64u) { sum += squares[j]; }
  part[i] = sum;
  workgroupBarrier();
  if (i > 0u) { return; }
  for (var j = 1u; j < 64u; j++) { sum += part[j]; }
  norm[0] = sqrt(sum);
}

@group(0) @binding(5) var<storage, read_write> theta: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> v: array<vec4f>;

// Dispatch: x and y over SIZE/4, in any rectangle: large models have more workgroups than fit in one dimension.
@compute @workgroup_size(64)
fn adamw(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) i: u32,
) {
  let at = (group.y * groups.x + group.x) * 64u + i;
  if (at >= SIZE4) { return; }
  let size = norm[0];
  // By bits: comparisons with NaN may be optimized away.
  if ((bitcast<u32>(size) & 0x7f800000u) == 0x7f800000u) { return; }
  let g = grad[at] * min(1.0, adam.max_norm / (size + 1e-6));
  let m_now = adam.beta1 * m[at] + (1.0 - adam.beta1) * g;
  let v_now = adam.beta2 * v[at] + (1.0 - adam.beta2) * g * g;
  m[at] = m_now;
  v[at] = v_now;
  let step = m_now / adam.correction1 / (sqrt(v_now / adam.correction2) + adam.eps);
  theta[at] = theta[at] * (1.0 - adam.lr * adam.weight_decay) - adam.lr * step;
}
