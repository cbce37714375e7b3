// rmsnorm_backward: gradients of rmsnorm.wgsl, y = x · r · w with r = 1 / sqrt(mean(x²) + eps).
//
//   dx[c] = r w[c] dy[c] − x[c] r³/C Σ_j dy[j] w[j] x[j]
//   dw[c] = Σ_n dy[n, c] x[n, c] r[n]
//
// Constants: C (real width), CP (padded width; padding is zero everywhere), P, SPLITS,
// FIRST (1 for the last norm, where nothing has flowed into the residual stream yet).
// Needs lib/rows_packed.wgsl. Test: test/kernels/rmsnorm.test.ts

const CP4 = CP / 4u;

@group(0) @binding(3) var<storage, read> x: array<vec4f>;             // [N, CP]
@group(0) @binding(4) var<storage, read> weight: array<vec4f>;        // [CP]
@group(0) @binding(6) var<storage, read> rstd: array<f32>;            // [N]
@group(0) @binding(7) var<storage, read> d_y: array<vec4f>;           // [N, CP]
@group(0) @binding(8) var<storage, read_write> d_x: array<vec4f>;     // [N, CP] added to: the residual stream's gradient; overwritten where FIRST is 1

fn input(n: u32) {
  if (!row_alive(n)) { return; }
  var sum = 0.0;
  for (var c = 0u; c < CP4; c++) {
    sum += dot(d_y[n * CP4 + c] * weight[c], x[n * CP4 + c]);
  }
  let r = rstd[n];
  let k = r * r * r / f32(C) * sum;
  for (var c = 0u; c < CP4; c++) {
    let at = n * CP4 + c;
    let before = select(d_x[at], vec4f(), FIRST == 1u);
    d_x[at] = before + r * weight[c] * d_y[at] - k * x[at];
  }
}

@group(0) @binding(9) var<storage, read_write> partial: array<vec4f>; // [SPLITS, P] at this tensor's offset

fn weight_share(c: u32, split: u32) {
  if (c >= CP4) { return; }
  let share = (batch.N + SPLITS - 1u) / SPLITS;
  var sum = vec4f();
  for (var n = split * share; n < min((split + 1u) * share, batch.N); n++) {
    sum += d_y[n * CP4 + c] * x[n * CP4 + c] * rstd[n];
  }
  let at = split * (P / 4u) + c;
  if (batch.accumulate == 1u) { partial[at] += sum; } else { partial[at] = sum; }
}

const GROUPS = (CP4 + 31u) / 32u; // of one share

// Both read the same and neither waits for the other, so they are one dispatch: the shares of dw come first, as each is
// the longer loop. Dispatch: x over GROUPS · SPLITS workgroups for dw and N threads for dx.
@compute @workgroup_size(32)
fn rmsnorm_backward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) i: u32) {
  let g = group.x;
  if (g < GROUPS * SPLITS) {
    weight_share(g % GROUPS * 32u + i, g / GROUPS);
  } else {
    input((g - GROUPS * SPLITS) * 32u + i);
  }
}
