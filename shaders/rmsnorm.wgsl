// rmsnorm: y = x · r · w with r = 1 / sqrt(mean(x²) + eps) (arXiv 1910.07467). Backward: rmsnorm_backward.wgsl.
//
// Constants: C (real width), CP (padded width of a row; padding is zero everywhere), EPS.
// Needs lib/rows_*.wgsl. One thread a row. Test: test/kernels/rmsnorm.test.ts

const CP4 = CP / 4u;

@group(0) @binding(3) var<storage, read> x: array<vec4f>;             // [N, CP]
@group(0) @binding(4) var<storage, read> weight: array<vec4f>;        // [CP]
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>;       // [N, CP]
@group(0) @binding(6) var<storage, read_write> rstd: array<f32>;      // [N]

// Dispatch: x over N.
@compute @workgroup_size(32)
fn rmsnorm(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x;
  if (!row_alive(n)) { return; }
  var sum = 0.0;
  for (var c = 0u; c < CP4; c++) {
    let v = x[n * CP4 + c];
    sum += dot(v, v);
  }
  let r = inverseSqrt(sum / f32(C) + EPS);
  rstd[n] = r;
  for (var c = 0u; c < CP4; c++) {
    y[n * CP4 + c] = x[n * CP4 + c] * weight[c] * r;
  }
}
