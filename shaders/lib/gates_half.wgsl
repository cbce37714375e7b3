// gates_half: gate and up are kept for the backward pass as 16-bit floats, on every adapter; whatever is computed of them,
// is in 32 bits. Answers the same questions as lib/gates_full.wgsl.

alias Gates = vec2u; // gate, up, gate, up

// Larger numbers a 16-bit float cannot hold; the slope of silu is 0 or 1 to all its digits there.
fn gates_kept(v: vec4f) -> Gates {
  let held = clamp(v, vec4f(-65504.0), vec4f(65504.0));
  return vec2u(pack2x16float(held.xy), pack2x16float(held.zw));
}
fn gates_of(g: Gates) -> vec4f { return vec4f(unpack2x16float(g.x), unpack2x16float(g.y)); }
