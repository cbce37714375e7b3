// gates_full: gate and up are kept for the backward pass as they are. Answers the same questions as lib/gates_half.wgsl.

alias Gates = vec4f; // gate, up, gate, up

fn gates_kept(v: vec4f) -> Gates { return v; }
fn gates_of(g: Gates) -> vec4f { return g; }
