// rows_packed: the rows of a training batch, sequences of any length one after the other ("packed", no padding).
// Kernels that run over rows ask rows_alive / row_position, so that the same text serves training and decoding
// (lib/rows_decode.wgsl answers the same questions there).
//
//   batch  what changes with every launch; N ≤ the capacity of the buffers
//   rows   [N] what a row is fed and whom it sees: the `position` tokens before it, then itself
//
// A sequence may stand in two pieces: rows of its prompt that it shares with its neighbors, once for all of them, then its
// own. A row sees the rows from `prompt` on that its sequence shares, then its own ones from `first` on to itself. A question
// (src/model/branches.ts) stands after its sequence: it sees the first rows of that one's own piece, and itself.

struct Batch {
  N: u32,
  accumulate: u32,           // 0: gradients overwrite, 1: they add to what earlier parts of the minibatch left
  inverse_temperature: f32,
  unused: u32,
}

struct Row {
  token: u32,
  position: u32,  // in its sequence
  first: u32,     // first row of its own piece
  end: u32,       // after the last row that sees it: all from it to there do
  prompt: u32,    // first row of what its sequence shares; `first` where it shares nothing
}

@group(0) @binding(0) var<uniform> batch: Batch;
@group(0) @binding(1) var<storage, read> rows: array<Row>;

// After the last row of its own piece that it sees before itself: itself, but for a question. What stands before the piece's
// first row is shared.
fn own_end(n: u32) -> u32 { return rows[n].first + rows[n].position - rows[rows[n].first].position; }
// Of the rows that it shares: after the last one. `prompt` where it shares nothing. Not of a question.
fn shared_end(n: u32) -> u32 { return rows[n].prompt + rows[n].position - (n - rows[n].first); }
fn row_alive(n: u32) -> bool { return n < batch.N; }
// Any of the `count` rows from n on. Rows past N hold leftovers and are never summed.
fn rows_alive(n: u32, count: u32) -> bool { return n < batch.N; }
fn rows_end() -> u32 { return batch.N; }
fn row_position(n: u32) -> u32 { return rows[n].position; }
