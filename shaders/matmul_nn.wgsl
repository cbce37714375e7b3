// matmul_nn: gradient of a linear layer in its input, dX[n, i] = Σ_o dY[n, o] · W[o, i], then an epilogue per four.
//
//   in   left    [N, O] dY
//   in   weight  [O, I]
//   out  by the epilogue (shaders/epilogue/*.wgsl): fn epilogue(n, i4, acc)
//
// Constants: O, I, multiples of 4. Needs lib/rows_packed.wgsl, lib/tile_*.wgsl and one epilogue.
// Dispatch: x over I/4, y over N/TILE. Test: test/kernels/matmul.test.ts

@group(0) @binding(4) var<storage, read> weight: array<vec4f>;

const O4 = O / 4u;
const I4 = I / 4u;

fn d_input(column: u32, line: u32) {
  let n = line * TILE;
  // Whole quads leave together; past the last column a lane computes the last one once more and stores nothing.
  if (column / 4u * 4u >= I4 || !rows_alive(n, TILE)) { return; }
  let i4 = min(column, I4 - 1u);
  var tile = Tile();
  for (var o = 0u; o < O4; o++) {
    let w = o * 4u * I4 + i4;
    let m = mat4x4f(weight[w], weight[w + I4], weight[w + 2u * I4], weight[w + 3u * I4]);
    tile_add(&tile, m, column, n * O4 + o, O4);
  }
  if (column < I4) { tile_store(tile, n + slots(column), rows_end(), i4); }
}

@compute @workgroup_size(8, 8)
fn matmul_nn(@builtin(global_invocation_id) id: vec3u) { d_input(id.x, id.y); }
