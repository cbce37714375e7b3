// matmul_nt: a linear layer forward, Y[n, o] = Σ_k X[n, k] · W[o, k], then an epilogue per four outputs.
//
//   in   left    [N, K] X
//   in   weight  [O, K]
//   out  by the epilogue (shaders/epilogue/*.wgsl): fn epilogue(n, o4, acc)
//
// Constants: K, O, multiples of 4. Needs lib/rows_*.wgsl, lib/tile_*.wgsl and one epilogue.
// Each thread holds a tile of rows × 4 outputs in named registers and reads vec4 straight from storage.
// Dispatch: x over O/4, y over N/TILE. Test: test/kernels/matmul.test.ts

@group(0) @binding(4) var<storage, read> weight: array<vec4f>;

const K4 = K / 4u;
const O4 = O / 4u;

@compute @workgroup_size(8, 8)
fn matmul_nt(@builtin(global_invocation_id) id: vec3u) {
  let n = id.y * TILE;
  // Whole quads leave together; past the last output a lane computes the last one once more and stores nothing.
  if (id.x / 4u * 4u >= O4 || !rows_alive(n, TILE)) { return; }
  let o4 = min(id.x, O4 - 1u);
  var tile = Tile();
  let w = o4 * 4u * K4;
  for (var k = 0u; k < K4; k++) {
    // Columns of the 4×4 block of W, so that one row costs four vector multiply-adds.
    let m = transpose(mat4x4f(weight[w + k], weight[w + K4 + k], weight[w + 2u * K4 + k], weight[w + 3u * K4 + k]));
    tile_add(&tile, m, id.x, n * K4 + k, K4);
  }
  if (id.x < O4) { tile_store(tile, n + slots(id.x), rows_end(), o4); }
}
