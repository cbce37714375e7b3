// tile_alone: the register tile of the matrix kernels, 8 rows × 4 columns, every invocation on its own. Answers the same
// questions as lib/tile_quad.wgsl. Needs lib/lanes_alone.wgsl.
//
//   tile[r] += m · left[row r],  m the 4 × 4 block of the right factor, by columns
//
//   in  left  the factor that all columns of a row share, 4 values along the sum in a vec4

const TILE = 8u; // rows

@group(0) @binding(3) var<storage, read> left: array<vec4f>;

struct Tile { a0: vec4f, a1: vec4f, a2: vec4f, a3: vec4f, a4: vec4f, a5: vec4f, a6: vec4f, a7: vec4f }

// left[at] is in the tile's first row, the next row is `stride` further.
fn tile_add(t: ptr<function, Tile>, m: mat4x4f, x: u32, at: u32, stride: u32) {
  (*t).a0 += m * left[at];
  (*t).a1 += m * left[at + stride];
  (*t).a2 += m * left[at + 2u * stride];
  (*t).a3 += m * left[at + 3u * stride];
  (*t).a4 += m * left[at + 4u * stride];
  (*t).a5 += m * left[at + 5u * stride];
  (*t).a6 += m * left[at + 6u * stride];
  (*t).a7 += m * left[at + 7u * stride];
}

fn put(row: u32, end: u32, column: u32, acc: vec4f) {
  if (row < end) { epilogue(row, column, acc); }
}

// Rows of the four slots, and again 4 further; those from `end` on are left out.
fn tile_store(t: Tile, places: vec4u, end: u32, column: u32) {
  put(places.x, end, column, t.a0);
  put(places.y, end, column, t.a1);
  put(places.z, end, column, t.a2);
  put(places.w, end, column, t.a3);
  put(places.x + 4u, end, column, t.a4);
  put(places.y + 4u, end, column, t.a5);
  put(places.z + 4u, end, column, t.a6);
  put(places.w + 4u, end, column, t.a7);
}
