// turned_quad: the tile of lib/tile_quad.wgsl for a sum over rows. Answers the same questions as lib/turned_alone.wgsl.

fn tile_add_turned(t: ptr<function, Tile>, m: mat4x4f, x: u32, n: u32, end: u32, c: u32, stride: u32) {
  let mine = min(n + (x & 3u), end - 1u) * stride;
  let r = transpose(shared4(left[mine + c]));
  let s = transpose(shared4(left[mine + min(c + 1u, stride - 1u)]));
  let u = transpose(shared4(left[mine + min(c + 2u, stride - 1u)]));
  (*t).a0 += m * r[0];
  (*t).a1 += m * r[1];
  (*t).a2 += m * r[2];
  (*t).a3 += m * r[3];
  (*t).a4 += m * s[0];
  (*t).a5 += m * s[1];
  (*t).a6 += m * s[2];
  (*t).a7 += m * s[3];
  (*t).a8 += m * u[0];
  (*t).a9 += m * u[1];
  (*t).a10 += m * u[2];
  (*t).a11 += m * u[3];
}

fn put_turned(row: u32, end: u32, column: u32, acc: vec4f) {
  if (row < end) { store_share(row, column, acc); }
}

fn tile_store_turned(t: Tile, row: u32, end: u32, column: u32) {
  var values = array(t.a0, t.a1, t.a2, t.a3, t.a4, t.a5, t.a6, t.a7, t.a8, t.a9, t.a10, t.a11);
  for (var r = 0u; r < TILE; r++) { put_turned(row + r, end, column, values[r]); }
}
