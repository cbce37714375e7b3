// staged: the 64 invocations of a matrix kernel's workgroup load their tile's operands together, 16 terms of the sum at a
// time, into workgroup memory: a value comes from storage once instead of 8 times. For GPUs; where a processor plays one,
// a barrier costs more than the loads. Needs lib/tile_alone.wgsl, whose tile each invocation fills.
//
// A workgroup's tile is 64 rows × 8 vec4 of columns. Its invocations load, wait and multiply together: none may leave.
//
// Workgroup memory of GPUs stands in 32 banks of 4 bytes, and 8 invocations, neighbors in me, access a vec4 each at a time:
// as fast as one where their places differ modulo 8, or are the same place; else once for each that meets another. Counted
// for every access of 8 neighbors, times that it takes:
//   stores of left_stage, in its order                                        1
//   loads of left_stage, the same row for all 8                               1
//   loads of right_stage, one term, the 8 columns                             1
//   stores of right_stage, one term, the 8 columns (matmul_nn, matmul_tn)     1
//   the same in matmul_nt, whose weight lies along the sum: 4 DEPTH of 2 outputs, one column, 8 terms
//                                                  8 if column c stood at c;  1 as right_at has it
// A row of 9 instead of 8 would leave 2. Test: test/kernels/staged.test.ts

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

// Where a term of the right factor stands for a column: the eights of terms that matmul_nt stores at once turn it differently.
fn right_at(term: u32, column: u32) -> u32 { return 8u * term + (column ^ (((term >> 1u) & 6u) | (term & 1u))); }

// Four vec4 of the right factor for column x: terms 4 kk to 4 kk + 3.
fn staged_block(kk: u32, x: u32) -> mat4x4f {
  let even = kk * 32u + (x ^ (2u * kk));
  let odd = even ^ 1u;
  return mat4x4f(right_stage[even], right_stage[odd + 8u], right_stage[even + 16u], right_stage[odd + 24u]);
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
