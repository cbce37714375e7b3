// rmsnorm: y = x · r · w with r = 1 / sqrt(mean(x²) + eps) (arXiv 1910.07467). Backward: rmsnorm_backward.wgsl.
//
// Constants: C (real width), CP (padded width of a row; padding is zero everywhere), EPS.
// Needs lib/rows_*.wgsl and where x comes from, fn taken(n, c4): lib/norm_stored.wgsl, or what makes x of the tokens before
// the first layer (embedding.wgsl, embedding_latent.wgsl). One thread a row. Test: test/kernels/rmsnorm.test.ts

@group(0) @binding(7) var<storage, read> scale: array<vec4f>;         // [CP] w
@group(0) @binding(8) var<storage, read_write> y: array<vec4f>;       // [N, CP]
@group(0) @binding(11) var<storage, read_write> rstd: array<f32>;     // [N]

// Dispatch: x over N.
@compute @workgroup_size(32)
fn rmsnorm(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x;
  if (!row_alive(n)) { return; }
  var sum = 0.0;
  for (var c = 0u; c < CP4; c++) {
    let v = taken(n, c);
    sum += dot(v, v);
  }
  let r = inverseSqrt(sum / f32(C) + EPS);
  rstd[n] = r;
  for (var c = 0u; c < CP4; c++) {
    y[n * CP4 + c] = x[n * CP4 + c] * scale[c] * r;
  }
}
