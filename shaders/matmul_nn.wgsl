// matmul_nn: gradient of a linear layer in its input, dX[n, i] = Σ_o dY[n, o] · W[o, i], then an epilogue per four.
//
//   in   d_y     [N, O]
//   in   weight  [O, I]
//   out  by the epilogue (shaders/epilogue/*.wgsl): fn epilogue(n, i4, acc)
//
// Constants: O, I, multiples of 4. Needs lib/rows_packed.wgsl and one epilogue.
// Dispatch: x over I/4, y over N/8. Test: test/kernels/matmul.test.ts

@group(0) @binding(3) var<storage, read> d_y: array<vec4f>;
@group(0) @binding(4) var<storage, read> weight: array<vec4f>;

const O4 = O / 4u;
const I4 = I / 4u;

@compute @workgroup_size(8, 8)
fn matmul_nn(@builtin(global_invocation_id) id: vec3u) {
  let i4 = id.x;
  let n = id.y * 8u;
  if (i4 >= I4 || !rows_alive(n)) { return; }
  var a0 = vec4f(); var a1 = vec4f(); var a2 = vec4f(); var a3 = vec4f();
  var a4 = vec4f(); var a5 = vec4f(); var a6 = vec4f(); var a7 = vec4f();
  let r = n * O4;
  for (var o = 0u; o < O4; o++) {
    let w = o * 4u * I4 + i4;
    let m = mat4x4f(weight[w], weight[w + I4], weight[w + 2u * I4], weight[w + 3u * I4]);
    a0 += m * d_y[r + o];
    a1 += m * d_y[r + O4 + o];
    a2 += m * d_y[r + 2u * O4 + o];
    a3 += m * d_y[r + 3u * O4 + o];
    a4 += m * d_y[r + 4u * O4 + o];
    a5 += m * d_y[r + 5u * O4 + o];
    a6 += m * d_y[r + 6u * O4 + o];
    a7 += m * d_y[r + 7u * O4 + o];
  }
  epilogue(n, i4, a0); epilogue(n + 1u, i4, a1); epilogue(n + 2u, i4, a2); epilogue(n + 3u, i4, a3);
  epilogue(n + 4u, i4, a4); epilogue(n + 5u, i4, a5); epilogue(n + 6u, i4, a6); epilogue(n + 7u, i4, a7);
}
