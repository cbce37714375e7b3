// matmul_tn_staged: matmul_tn.wgsl by workgroups that stage what they read (lib/staged.wgsl). Same bindings, constants,
// grid and split of the sum; needs lib/rows_packed.wgsl, lib/tile_alone.wgsl, lib/turned_alone.wgsl, lib/staged.wgsl.
// Test: test/kernels/matmul.test.ts

@group(0) @binding(8) var<storage, read> x: array<vec4f>;
@group(0) @binding(9) var<storage, read_write> partial: array<vec4f>;

const Y4 = O / 4u;
const X4 = I / 4u;

// Column: of this share's copy.
fn store_share(o: u32, column: u32, acc: vec4f) {
  let at = o * X4 + column;
  if (batch.accumulate == 1u) { partial[at] += acc; } else { partial[at] = acc; }
}

// Split: the same for the whole workgroup.
fn d_weight(column: u32, y: u32, split: u32) {
  let me = 8u * (y % 8u) + column % 8u;
  let o4 = y / 8u * 16u;
  let share = (batch.N + SPLITS - 1u) / SPLITS;
  let end = min((split + 1u) * share, batch.N);
  var tile = Tile();
  for (var n = split * share; n < end; n += 4u * DEPTH) {
    workgroupBarrier();
    // Past the share's end stands its last row, which the other factor multiplies by 0: others need not be finite.
    for (var i = me; i < 256u; i += 64u) {
      left_stage[i] = left[min(n + i / 16u, end - 1u) * Y4 + min(o4 + i % 16u, Y4 - 1u)];
    }
    for (var i = me; i < 128u; i += 64u) {
      let term = n + i / 8u;
      let value = x[min(term, end - 1u) * X4 + min(column / 8u * 8u + i % 8u, X4 - 1u)];
      right_stage[right_at(i / 8u, i % 8u)] = select(vec4f(), value, term < end);
    }
    workgroupBarrier();
    for (var kk = 0u; kk < DEPTH; kk++) {
      let m = staged_block(kk, column % 8u);
      let at = kk * 64u + 2u * (y % 8u);
      let a = transpose(mat4x4f(left_stage[at], left_stage[at + 16u], left_stage[at + 32u], left_stage[at + 48u]));
      let b = transpose(mat4x4f(left_stage[at + 1u], left_stage[at + 17u], left_stage[at + 33u], left_stage[at + 49u]));
      tile.a0 += m * a[0];
      tile.a1 += m * a[1];
      tile.a2 += m * a[2];
      tile.a3 += m * a[3];
      tile.a4 += m * b[0];
      tile.a5 += m * b[1];
      tile.a6 += m * b[2];
      tile.a7 += m * b[3];
    }
  }
  if (column < X4) { tile_store_turned(tile, 8u * y, O, split * (P / 4u) + column); }
}

@compute @workgroup_size(8, 8)
fn matmul_tn(@builtin(global_invocation_id) id: vec3u, @builtin(workgroup_id) group: vec3u) {
  d_weight(id.x, id.y, group.z);
}
