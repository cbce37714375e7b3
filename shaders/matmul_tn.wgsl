// matmul_tn: gradient of a linear layer in its weight, dW[o, i] = Σ_n dY[n, o] · X[n, i], split over the tokens.
//
// The output is small and the sum long, so SPLITS workgroup layers each sum a share of the rows into their own copy of
// the gradient; grad_reduce adds the copies in a fixed order, which keeps runs reproducible (WGSL has no float atomics).
//
//   in   d_y      [N, O]
//   in   x        [N, I]
//   out  partial  [SPLITS, P] at this tensor's offset; overwritten, or added to when batch.accumulate is 1
//
// Constants: O, I (multiples of 4), P (floats of one copy), SPLITS. Needs lib/rows_packed.wgsl.
// Each thread: 8 outputs × 4 inputs. Dispatch: x over I/4, y over O/8, z over SPLITS. Test: test/kernels/matmul.test.ts

@group(0) @binding(3) var<storage, read> d_y: array<vec4f>;
@group(0) @binding(4) var<storage, read> x: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> partial: array<vec4f>;

const O4 = O / 4u;
const I4 = I / 4u;

fn put(at: u32, value: vec4f) {
  if (batch.accumulate == 1u) { partial[at] += value; } else { partial[at] = value; }
}

@compute @workgroup_size(8, 8)
fn matmul_tn(@builtin(global_invocation_id) id: vec3u) {
  let i4 = id.x;
  let o4 = id.y * 2u;
  if (i4 >= I4 || o4 >= O4) { return; }
  // O/4 may be odd: the last thread then computes its first half twice and writes it once.
  let second = min(o4 + 1u, O4 - 1u);
  let share = (batch.N + SPLITS - 1u) / SPLITS;
  let end = min((id.z + 1u) * share, batch.N);
  var a0 = vec4f(); var a1 = vec4f(); var a2 = vec4f(); var a3 = vec4f();
  var a4 = vec4f(); var a5 = vec4f(); var a6 = vec4f(); var a7 = vec4f();
  for (var n = id.z * share; n < end; n++) {
    let v = x[n * I4 + i4];
    let d = d_y[n * O4 + o4];
    let e = d_y[n * O4 + second];
    a0 += d.x * v; a1 += d.y * v; a2 += d.z * v; a3 += d.w * v;
    a4 += e.x * v; a5 += e.y * v; a6 += e.z * v; a7 += e.w * v;
  }
  let at = id.z * (P / 4u) + o4 * 4u * I4 + i4;
  put(at, a0); put(at + I4, a1); put(at + 2u * I4, a2); put(at + 3u * I4, a3);
  if (second == o4) { return; }
  put(at + 4u * I4, a4); put(at + 5u * I4, a5); put(at + 6u * I4, a6); put(at + 7u * I4, a7);
}
