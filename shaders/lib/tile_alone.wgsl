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

// The same with `left` turned: the tile's rows are columns of it from the vec4 c on, the sum runs over its rows n to
// n + 3. Column s of m belongs to row n + slots(x)[s] and is 0 from row `end` on.
fn tile_add_turned(t: ptr<function, Tile>, m: mat4x4f, x: u32, n: u32, end: u32, c: u32, stride: u32) {
  let r = min(n + slots(x), vec4u(end - 1u)) * stride;
  let d = min(c + 1u, stride - 1u);
  let a = transpose(mat4x4f(left[r.x + c], left[r.y + c], left[r.z + c], left[r.w + c]));
  let b = transpose(mat4x4f(left[r.x + d], left[r.y + d], left[r.z + d], left[r.w + d]));
  (*t).a0 += m * a[0];
  (*t).a1 += m * a[1];
  (*t).a2 += m * a[2];
  (*t).a3 += m * a[3];
  (*t).a4 += m * b[0];
  (*t).a5 += m * b[1];
  (*t).a6 += m * b[2];
  (*t).a7 += m * b[3];
}

fn put(row: u32, end: u32, column: u32, acc: vec4f) {
  if (row < end) { epilogue(row, column, acc); }
}

// The four slots' rows, and again 4 further; rows from `end` on are left out.
fn tile_store(t: Tile, rows: vec4u, end: u32, column: u32) {
  put(rows.x, end, column, t.a0);
  put(rows.y, end, column, t.a1);
  put(rows.z, end, column, t.a2);
  put(rows.w, end, column, t.a3);
  put(rows.x + 4u, end, column, t.a4);
  put(rows.y + 4u, end, column, t.a5);
  put(rows.z + 4u, end, column, t.a6);
  put(rows.w + 4u, end, column, t.a7);
}
