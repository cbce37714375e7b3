// epilogue/swiglu: act = silu(gate) · up (SwiGLU, arXiv 2002.05202).
//
// Rows of gate_proj and up_proj are stored interleaved (model/layout.ts), so four outputs are gate, up, gate, up.
//
//   out  y    [N, 2F] gate and up, kept for the backward pass (lib/gates_*.wgsl)
//   out  act  [N, F]  as pairs
//
// Constant WIDTH = 2F.
@group(0) @binding(6) var<storage, read_write> y: array<Gates>;
@group(0) @binding(7) var<storage, read_write> act: array<vec2f>;

fn epilogue(n: u32, column: u32, acc: vec4f) {
  let at = n * (WIDTH / 4u) + column;
  y[at] = gates_kept(acc);
  let gate = acc.xz;
  act[at] = gate / (1.0 + exp(-gate)) * acc.yw;
}
