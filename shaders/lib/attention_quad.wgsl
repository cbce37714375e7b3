// attention_quad: what attention.wgsl loads of four rows, by slots (lib/lanes_quad.wgsl): its own and its neighbors'.

fn qkv4(at: vec4u) -> mat4x4f { return shared4(qkv[at.x]); }
fn d_out4(at: vec4u) -> mat4x4f { return shared4(d_out[at.x]); }
fn lse4(at: vec4u) -> vec4f {
  let v = lse[at.x];
  return vec4f(v, quadSwapX(v), quadSwapY(v), quadSwapDiagonal(v));
}
fn delta4(at: vec4u) -> vec4f {
  let v = delta[at.x];
  return vec4f(v, quadSwapX(v), quadSwapY(v), quadSwapDiagonal(v));
}
