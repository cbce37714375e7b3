// attention_alone: what attention.wgsl loads of four rows, by slots (lib/lanes_alone.wgsl).

fn qkv4(at: vec4u) -> mat4x4f { return mat4x4f(qkv[at.x], qkv[at.y], qkv[at.z], qkv[at.w]); }
fn d_out4(at: vec4u) -> mat4x4f { return mat4x4f(d_out[at.x], d_out[at.y], d_out[at.z], d_out[at.w]); }
fn lse4(at: vec4u) -> vec4f { return vec4f(lse[at.x], lse[at.y], lse[at.z], lse[at.w]); }
fn delta4(at: vec4u) -> vec4f { return vec4f(delta[at.x], delta[at.y], delta[at.z], delta[at.w]); }
