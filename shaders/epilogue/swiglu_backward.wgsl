// epilogue/swiglu_backward: acc is d_act; gives the gradient of gate and up.
//
//   silu(g) = g·σ, silu'(g) = σ (1 + g (1 − σ)), σ = 1 / (1 + e^{−g})
//
//   in   gate_up    [N, 2F] interleaved gate, up (lib/gates_*.wgsl)
//   out  d_gate_up  [N, 2F]
//
// Constant WIDTH = F, floats in a row of act.
@group(0) @binding(6) var<storage, read> gate_up: array<Gates>;
@group(0) @binding(7) var<storage, read_write> d_gate_up: array<vec4f>;

fn swiglu_backward(d_act: vec2f, gate_up: vec4f) -> vec4f {
  let gate = gate_up.xz;
  let sigma = 1.0 / (1.0 + exp(-gate));
  let d_gate = d_act * gate_up.yw * sigma * (1.0 + gate * (1.0 - sigma));
  let d_up = d_act * gate * sigma;
  return vec4f(d_gate.x, d_up.x, d_gate.y, d_up.y);
}

fn epilogue(n: u32, column: u32, acc: vec4f) {
  let at = 2u * (n * (WIDTH / 4u) + column);
  d_gate_up[at] = swiglu_backward(acc.xy, gates_of(gate_up[at]));
  d_gate_up[at + 1u] = swiglu_backward(acc.zw, gates_of(gate_up[at + 1u]));
}
