// lanes_alone: every invocation loads for itself. Answers the same questions as lib/lanes_quad.wgsl, where four neighbors
// share what they load; src/model/tiles.ts says which one is used.

// Which of four rows the invocation at x of the grid holds in each slot.
fn slots(x: u32) -> vec4u { return vec4u(0u, 1u, 2u, 3u); }

// Of the invocations that load together.
fn least(v: u32) -> u32 { return v; }
fn most(v: u32) -> u32 { return v; }
