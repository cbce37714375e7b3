// matmul_nt: a linear layer forward, Y[n, o] = Σ_k X[n, k] · W[o, k], then an epilogue per four outputs.
//
//   in   x       [N, K]
//   in   weight  [O, K]
//   out  by the epilogue (shaders/epilogue/*.wgsl): fn epilogue(n, o4, acc)
//
// Constants: K, O, multiples of 4. Needs lib/rows_*.wgsl and one epilogue.
// Each thread holds 8 rows × 4 outputs in named registers and reads vec4 straight from storage.
// Dispatch: x over O/4, y over N/8. Test: test/kernels/matmul.test.ts

@group(0) @binding(3) var<storage, read> x: array<vec4f>;
@group(0) @binding(4) var<storage, read> weight: array<vec4f>;

const K4 = K / 4u;
const O4 = O / 4u;

@compute @workgroup_size(8, 8)
fn matmul_nt(@builtin(global_invocation_id) id: vec3u) {
  let o4 = id.x;
  let n = id.y * 8u;
  if (o4 >= O4 || !rows_alive(n)) { return; }
  var a0 = vec4f(); var a1 = vec4f(); var a2 = vec4f(); var a3 = vec4f();
  var a4 = vec4f(); var a5 = vec4f(); var a6 = vec4f(); var a7 = vec4f();
  let w = o4 * 4u * K4;
  let r = n * K4;
  for (var k = 0u; k < K4; k++) {
    // Columns of the 4×4 block of W, so that one row costs four vector multiply-adds.
    let m = transpose(mat4x4f(weight[w + k], weight[w + K4 + k], weight[w + 2u * K4 + k], weight[w + 3u * K4 + k]));
    a0 += m * x[r + k];
    a1 += m * x[r + K4 + k];
    a2 += m * x[r + 2u * K4 + k];
    a3 += m * x[r + 3u * K4 + k];
    a4 += m * x[r + 4u * K4 + k];
    a5 += m * x[r + 5u * K4 + k];
    a6 += m * x[r + 6u * K4 + k];
    a7 += m * x[r + 7u * K4 + k];
  }
  epilogue(n, o4, a0); epilogue(n + 1u, o4, a1); epilogue(n + 2u, o4, a2); epilogue(n + 3u, o4, a3);
  epilogue(n + 4u, o4, a4); epilogue(n + 5u, o4, a5); epilogue(n + 6u, o4, a6); epilogue(n + 7u, o4, a7);
}
