// rows_decode: one row per sequence while sampling; a finished sequence costs nothing.
// Answers the questions of lib/rows_packed.wgsl.
//
//   rollout    what changes with every rollout
//   sequences  [B] first row of its prompt in the prefilled batch, prefilled rows, first input token, number for the sampler
//   state      [B] tokens sampled so far, 1 when finished

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
  unused0: u32,
  unused1: u32,
}

@group(0) @binding(0) var<uniform> rollout: Rollout;
@group(0) @binding(1) var<storage, read> sequences: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> state: array<vec2u>;

fn row_alive(b: u32) -> bool { return b < rollout.B && state[b].y == 0u; }
fn rows_alive(b: u32, count: u32) -> bool {
  for (var i = b; i < min(b + count, rollout.B); i++) {
    if (state[i].y == 0u) { return true; }
  }
  return false;
}
fn rows_end() -> u32 { return rollout.B; }
fn row_position(b: u32) -> u32 { return sequences[b].y + state[b].x; }
