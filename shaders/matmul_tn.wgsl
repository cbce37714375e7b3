// matmul_tn: gradient of a linear layer in its weight, dW[o, i] = Σ_n dY[n, o] · X[n, i], split over the tokens.
//
// The output is small and the sum long, so SPLITS workgroup layers each sum a share of the rows into their own copy of
// the gradient; grad_reduce adds the copies in a fixed order, which keeps runs reproducible (WGSL has no float atomics).
//
//   in   left     [N, O] dY
//   in   x        [N, I]
//   out  partial  [SPLITS, P] at this tensor's offset; overwritten, or added to when batch.accumulate is 1
//
// Constants: O, I (multiples of 4), P (floats of one copy), SPLITS. Needs lib/rows_packed.wgsl, lib/tile_*.wgsl and
// lib/turned_*.wgsl.
// Dispatch: x over I/4, y over O/TILE, z over SPLITS. Test: test/kernels/matmul.test.ts

@group(0) @binding(8) var<storage, read> x: array<vec4f>;
@group(0) @binding(9) var<storage, read_write> partial: array<vec4f>;

const Y4 = O / 4u;
const X4 = I / 4u;

// Column: of this share's copy.
fn store_share(o: u32, column: u32, acc: vec4f) {
  let at = o * X4 + column;
  if (batch.accumulate == 1u) { partial[at] += acc; } else { partial[at] = acc; }
}

// Nothing past the share's end: what stands there need not be finite.
fn token(n: u32, end: u32, i4: u32) -> vec4f {
  return select(vec4f(), x[min(n, end - 1u) * X4 + i4], n < end);
}

fn d_weight(column: u32, line: u32, split: u32) {
  let o4 = line * (TILE / 4u);
  // Whole quads leave together; past the last column a lane computes the last one once more and stores nothing.
  if (column / 4u * 4u >= X4 || o4 >= Y4) { return; }
  let i4 = min(column, X4 - 1u);
  let share = (batch.N + SPLITS - 1u) / SPLITS;
  let end = min((split + 1u) * share, batch.N);
  var tile = Tile();
  for (var n = split * share; n < end; n += 4u) {
    let s = n + slots(column);
    let m = mat4x4f(token(s.x, end, i4), token(s.y, end, i4), token(s.z, end, i4), token(s.w, end, i4));
    tile_add_turned(&tile, m, column, n, end, o4, Y4);
  }
  if (column < X4) { tile_store_turned(tile, 4u * o4, O, split * (P / 4u) + i4); }
}

@compute @workgroup_size(8, 8)
fn matmul_tn(@builtin(global_invocation_id) id: vec3u) { d_weight(id.x, id.y, id.z); }
