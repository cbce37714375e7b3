// matmul_nn_staged: matmul_nn.wgsl by workgroups that stage what they read (lib/staged.wgsl). Same bindings, constants and
// grid; needs lib/rows_packed.wgsl, lib/lanes_alone.wgsl, lib/tile_alone.wgsl, lib/staged.wgsl and one epilogue.
// Test: test/kernels/matmul.test.ts

@group(0) @binding(4) var<storage, read> weight: array<vec4f>;

const O4 = O / 4u;
const I4 = I / 4u;

fn d_input(x: u32, y: u32) {
  let me = 8u * (y % 8u) + x % 8u;
  let column = x / 8u * 8u;
  var tile = Tile();
  for (var k = 0u; k < O4; k += DEPTH) {
    workgroupBarrier();
    stage_left(y / 8u * 64u, k, O4, me);
    for (var i = me; i < 128u; i += 64u) {
      let o = 4u * k + i / 8u;
      let w = weight[min(o, O - 1u) * I4 + min(column + i % 8u, I4 - 1u)];
      right_stage[right_at(i / 8u, i % 8u)] = select(vec4f(), w, o < O);
    }
    workgroupBarrier();
    for (var kk = 0u; kk < DEPTH; kk++) { staged_add(&tile, staged_block(kk, x % 8u), y % 8u, kk); }
  }
  if (x < I4) { tile_store(tile, 8u * y + slots(0u), rows_end(), x); }
}

@compute @workgroup_size(8, 8)
fn matmul_nn(@builtin(global_invocation_id) id: vec3u) { d_input(id.x, id.y); }
