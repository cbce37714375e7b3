// matmul_nt_staged: matmul_nt.wgsl by workgroups that stage what they read (lib/staged.wgsl). Same bindings, constants and
// grid; needs lib/rows_packed.wgsl, lib/lanes_alone.wgsl, lib/tile_alone.wgsl, lib/staged.wgsl and one epilogue.
// Test: test/kernels/matmul.test.ts

@group(0) @binding(4) var<storage, read> weight: array<vec4f>;

const K4 = K / 4u;
const O4 = O / 4u;

@compute @workgroup_size(8, 8)
fn matmul_nt(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let me = 8u * local.y + local.x;
  let outputs = 32u * group.x;
  var tile = Tile();
  for (var k = 0u; k < K4; k += DEPTH) {
    workgroupBarrier();
    stage_left(64u * group.y, k, K4, me);
    for (var i = me; i < 128u; i += 64u) {
      let at = k + i % DEPTH;
      let o = i / DEPTH;
      let w = weight[min(outputs + o, O - 1u) * K4 + min(at, K4 - 1u)];
      right_stage[right_at(i % DEPTH * 4u + o % 4u, o / 4u)] = select(vec4f(), w, at < K4);
    }
    workgroupBarrier();
    for (var kk = 0u; kk < DEPTH; kk++) {
      staged_add(&tile, transpose(staged_block(kk, local.x)), local.y, kk);
    }
  }
  let o4 = 8u * group.x + local.x;
  let n = 64u * group.y + 8u * local.y;
  if (o4 < O4) { tile_store(tile, n + slots(0u), rows_end(), o4); }
}
