// rows_decode: one row per sequence while sampling; a finished sequence costs nothing. From time to time those that go
// on move together (sample_compact of sample.wgsl), so that whole tiles of rows are left out.
// Answers the questions of lib/rows_packed.wgsl.
//
//   rollout    what changes with every rollout
//   sequences  [B] first row of its prompt in the prefilled batch, prefilled rows, first input token, number for the sampler
//   state      [B] tokens sampled so far, 1 when finished
//   order      [B + 1] rows in use, then the sequence that each row belongs to

struct Rollout {
  B: u32,
  R: u32,             // most tokens of a response, ≤ the capacity of the cache
  seed: u32,
  stream: u32,
  step: u32,
  temperature: f32,   // 0: greedy
  spread: f32,        // 0: every token at this temperature; see sample.wgsl
  pivot: f32,
  above: f32,
  below: f32,
  count: u32,         // tokens of one dispatch of rollout.wgsl
  unused: u32,
}

@group(0) @binding(0) var<uniform> rollout: Rollout;
@group(0) @binding(1) var<storage, read> sequences: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> state: array<vec2u>;

@group(0) @binding(10) var<storage, read> order: array<u32>;

fn row_sequence(n: u32) -> u32 { return order[1u + n]; }
fn row_alive(n: u32) -> bool { return n < order[0] && state[row_sequence(n)].y == 0u; }
fn rows_alive(n: u32, count: u32) -> bool {
  for (var i = n; i < min(n + count, order[0]); i++) {
    if (state[row_sequence(i)].y == 0u) { return true; }
  }
  return false;
}
fn rows_end() -> u32 { return order[0]; }
fn row_position(n: u32) -> u32 {
  let b = row_sequence(n);
  return sequences[b].y + state[b].x;
}
