// matmul_tn: gradient of a linear layer in its weight, dW[o, i] = Σ_n dY[n, o] · X[n, i], split over the tokens.
//
// The output is small and the sum long, so SPLITS workgroup layers each sum a share of the rows into their own copy of
// the gradient; grad_reduce adds the copies in a fixed order, which keeps runs reproducible (WGSL has no float atomics).
//
//   in   left     [N, O] dY
//   in   x        [N, I]
//   out  partial  [SPLITS, P] at this tensor's offset; overwritten, or added to when batch.accumulate is 1
//
// Constants: O, I (multiples of 4), P (floats of one copy), SPLITS. Needs lib/rows_packed.wgsl, lib/tile_*.wgsl.
// Dispatch: x over I/4, y over O/TILE, z over SPLITS. Test: test/kernels/matmul.test.ts

@group(0) @binding(4) var<storage, read> x: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> partial: array<vec4f>;

const O4 = O / 4u;
const I4 = I / 4u;

// Column: of this share's copy.
fn epilogue(o: u32, column: u32, acc: vec4f) {
  let at = o * I4 + column;
  if (batch.accumulate == 1u) { partial[at] += acc; } else { partial[at] = acc; }
}

// Nothing past the share's end: what stands there need not be finite.
fn token(n: u32, end: u32, i4: u32) -> vec4f {
  return select(vec4f(), x[min(n, end - 1u) * I4 + i4], n < end);
}

@compute @workgroup_size(8, 8)
fn matmul_tn(@builtin(global_invocation_id) id: vec3u) {
  let o4 = id.y * (TILE / 4u);
  // Whole quads leave together; past the last column a lane computes the last one once more and stores nothing.
  if (id.x / 4u * 4u >= I4 || o4 >= O4) { return; }
  let i4 = min(id.x, I4 - 1u);
  let share = (batch.N + SPLITS - 1u) / SPLITS;
  let end = min((id.z + 1u) * share, batch.N);
  var tile = Tile();
  for (var n = id.z * share; n < end; n += 4u) {
    let s = n + slots(id.x);
    let m = mat4x4f(token(s.x, end, i4), token(s.y, end, i4), token(s.z, end, i4), token(s.w, end, i4));
    tile_add_turned(&tile, m, id.x, n, end, o4, O4);
  }
  if (id.x < I4) { tile_store(tile, 4u * o4 + vec4u(0u, 1u, 2u, 3u), O, id.z * (P / 4u) + i4); }
}
