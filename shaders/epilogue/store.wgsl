// epilogue/store: Y = acc. Constant WIDTH: floats in a row of y.
@group(0) @binding(6) var<storage, read_write> y: array<vec4f>;

fn epilogue(n: u32, column: u32, acc: vec4f) {
  y[n * (WIDTH / 4u) + column] = acc;
}
