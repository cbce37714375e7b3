// tile_quad: the register tile of the matrix kernels, 12 rows × 4 columns, by quads (lib/lanes_quad.wgsl). Answers the
// same questions as lib/tile_alone.wgsl.
//
//   in  left  the factor that all columns of a row share, 4 values along the sum in a vec4

const TILE = 12u; // rows

@group(0) @binding(3) var<storage, read> left: array<vec4f>;

struct Tile {
  a0: vec4f, a1: vec4f, a2: vec4f, a3: vec4f, a4: vec4f, a5: vec4f,
  a6: vec4f, a7: vec4f, a8: vec4f, a9: vec4f, a10: vec4f, a11: vec4f,
}

fn tile_add(t: ptr<function, Tile>, m: mat4x4f, x: u32, at: u32, stride: u32) {
  let mine = at + (x & 3u) * stride;
  let r = left[mine];
  let s = left[mine + 4u * stride];
  let u = left[mine + 8u * stride];
  (*t).a0 += m * r;
  (*t).a1 += m * quadSwapX(r);
  (*t).a2 += m * quadSwapY(r);
  (*t).a3 += m * quadSwapDiagonal(r);
  (*t).a4 += m * s;
  (*t).a5 += m * quadSwapX(s);
  (*t).a6 += m * quadSwapY(s);
  (*t).a7 += m * quadSwapDiagonal(s);
  (*t).a8 += m * u;
  (*t).a9 += m * quadSwapX(u);
  (*t).a10 += m * quadSwapY(u);
  (*t).a11 += m * quadSwapDiagonal(u);
}

fn put(row: u32, end: u32, column: u32, acc: vec4f) {
  if (row < end) { epilogue(row, column, acc); }
}

// In a loop: written out, what is done with a row would be compiled twelve times.
fn tile_store(t: Tile, places: vec4u, end: u32, column: u32) {
  var values = array(t.a0, t.a1, t.a2, t.a3, t.a4, t.a5, t.a6, t.a7, t.a8, t.a9, t.a10, t.a11);
  for (var r = 0u; r < TILE; r++) { put(places[r % 4u] + r / 4u * 4u, end, column, values[r]); }
}
