// epilogue/residual: Y = residual + acc, both [N, WIDTH].
@group(0) @binding(6) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(7) var<storage, read> residual: array<vec4f>;

fn epilogue(n: u32, column: u32, acc: vec4f) {
  let at = n * (WIDTH / 4u) + column;
  y[at] = residual[at] + acc;
}
