// norm_stored: rmsnorm.wgsl of rows that stand in x.

const CP4 = CP / 4u;

@group(0) @binding(3) var<storage, read> x: array<vec4f>; // [N, CP]

fn taken(n: u32, c: u32) -> vec4f { return x[n * CP4 + c]; }
