// epilogue/rope: queries and keys are turned by their position (RoPE, arXiv 2104.09864), values pass.
//
// The rows of q_proj and k_proj are stored with the two halves of a head interleaved (model/layout.ts), so a pair that
// turns together lies side by side. Scores do not change: q and k are permuted alike.
//
//   out  y     [N, 3A] queries, keys, values; A = H · D (D padded to a multiple of 4)
//   in   rope  [T, D] cos, sin of pair 0, cos, sin of pair 1, …
//
// Constants: A, D (padded).
@group(0) @binding(6) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(7) var<storage, read> rope: array<vec4f>;

fn epilogue(n: u32, column: u32, acc: vec4f) {
  var out = acc;
  if (column < 2u * A / 4u) {
    let turn = rope[row_position(n) * (D / 4u) + column % (D / 4u)];
    out = vec4f(
      acc.x * turn.x - acc.y * turn.y, acc.y * turn.x + acc.x * turn.y,
      acc.z * turn.z - acc.w * turn.w, acc.w * turn.z + acc.z * turn.w,
    );
  }
  y[n * (3u * A / 4u) + column] = out;
}
