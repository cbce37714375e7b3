// rows_packed: the rows of a training batch, sequences of any length one after the other ("packed", no padding).
// Kernels that run over rows ask rows_alive / row_position, so that the same text serves training and decoding
// (lib/rows_decode.wgsl answers the same questions there).
//
//   batch  what changes with every launch; N ≤ the capacity of the buffers
//   rows   [N] token id, position in its sequence, row of the sequence's first token, row after its last token

struct Batch {
  N: u32,
  accumulate: u32,           // 0: gradients overwrite, 1: they add to what earlier parts of the minibatch left
  inverse_temperature: f32,
  unused: u32,
}

@group(0) @binding(0) var<uniform> batch: Batch;
@group(0) @binding(1) var<storage, read> rows: array<vec4u>;

fn row_alive(n: u32) -> bool { return n < batch.N; }
// Any of the `count` rows from n on. Rows past N hold leftovers and are never summed.
fn rows_alive(n: u32, count: u32) -> bool { return n < batch.N; }
fn rows_end() -> u32 { return batch.N; }
fn row_position(n: u32) -> u32 { return rows[n].y; }
