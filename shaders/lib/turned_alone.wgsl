// turned_alone: the tile of lib/tile_alone.wgsl for a sum over rows. Answers the same questions as lib/turned_quad.wgsl.

// `left` is turned: the tile's rows are columns of it from the vec4 c on, the sum runs over its rows n to
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

fn put_turned(row: u32, end: u32, column: u32, acc: vec4f) {
  if (row < end) { store_share(row, column, acc); }
}

// Rows from `row` on; those from `end` on are left out.
fn tile_store_turned(t: Tile, row: u32, end: u32, column: u32) {
  put_turned(row, end, column, t.a0);
  put_turned(row + 1u, end, column, t.a1);
  put_turned(row + 2u, end, column, t.a2);
  put_turned(row + 3u, end, column, t.a3);
  put_turned(row + 4u, end, column, t.a4);
  put_turned(row + 5u, end, column, t.a5);
  put_turned(row + 6u, end, column, t.a6);
  put_turned(row + 7u, end, column, t.a7);
}
