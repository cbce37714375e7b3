// staged: the 64 invocations of a matrix kernel's workgroup load their tile's operands together, 16 terms of the sum at a
// time, into workgroup memory: a value comes from storage once instead of 8 times. For GPUs; where a processor plays one,
// a barrier costs more than the loads. Needs lib/tile_alone.wgsl, whose tile each invocation fills.
//
// A workgroup's tile is 64 rows × 8 vec4 of columns. Its invocations load, wait and multiply together: none may leave.

const DEPTH = 4u; // vec4 along the sum at a time

var<workgroup> left_stage: array<vec4f, 256>;  // [64 rows][DEPTH]; turned: [16 terms][64 rows / 4]
var<workgroup> right_stage: array<vec4f, 128>; // [16 terms][8 columns], or [DEPTH][4 outputs][8 columns] vec4 along the sum

// 64 rows from `row` on, DEPTH vec4 of each from k on. Past the end of a row stands its last vec4, which the other factor
// multiplies by 0; rows past the last one are never stored.
fn stage_left(row: u32, k: u32, stride: u32, me: u32) {
  for (var i = me; i < 256u; i += 64u) {
    left_stage[i] = left[(row + i / DEPTH) * stride + min(k + i % DEPTH, stride - 1u)];
  }
}

// Four vec4 of the right factor for column x.
fn staged_block(kk: u32, x: u32) -> mat4x4f {
  let at = kk * 32u + x;
  return mat4x4f(right_stage[at], right_stage[at + 8u], right_stage[at + 16u], right_stage[at + 24u]);
}

// Rows 8 y to 8 y + 7 of the workgroup's tile.
fn staged_add(t: ptr<function, Tile>, m: mat4x4f, y: u32, kk: u32) {
  let at = 8u * y * DEPTH + kk;
  (*t).a0 += m * left_stage[at];
  (*t).a1 += m * left_stage[at + DEPTH];
  (*t).a2 += m * left_stage[at + 2u * DEPTH];
  (*t).a3 += m * left_stage[at + 3u * DEPTH];
  (*t).a4 += m * left_stage[at + 4u * DEPTH];
  (*t).a5 += m * left_stage[at + 5u * DEPTH];
  (*t).a6 += m * left_stage[at + 6u * DEPTH];
  (*t).a7 += m * left_stage[at + 7u * DEPTH];
}
