// lanes_quad: the four invocations of a quad share what they load: each loads one of four rows and has the others from
// its neighbors. It pays where loads are dear: SwiftShader makes each of them four checked scalar ones.
//
// No invocation needs to know row 0 from row 3 to sum over them, so nothing is broadcast: swapped with the neighbor at
// distance s, lane q holds row q ^ s in slot s.
//
// Quads must lie along x, in order, which WGSL leaves open; src/gpu/quads.ts tries it. All four must take part in every
// load: a kernel leaves a quad together or not at all.

enable subgroups;
diagnostic(off, subgroup_uniformity);

fn slots(x: u32) -> vec4u { return vec4u(x & 3u) ^ vec4u(0u, 1u, 2u, 3u); }

fn least(v: u32) -> u32 {
  let w = min(v, quadSwapX(v));
  return min(w, quadSwapY(w));
}
fn most(v: u32) -> u32 {
  let w = max(v, quadSwapX(v));
  return max(w, quadSwapY(w));
}

// A row of each slot.
fn shared4(v: vec4f) -> mat4x4f { return mat4x4f(v, quadSwapX(v), quadSwapY(v), quadSwapDiagonal(v)); }
