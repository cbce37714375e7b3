// embedding: x[n] = E[token[n]], and its gradient dE[v] = Σ_{n: token[n] = v} d_x[n].
//
// Forward it is one kernel with the first layer's norm, rmsnorm.wgsl, which takes from it what it makes.
// Constants: CP (padded width), V, P, SPLITS. Needs lib/rows_packed.wgsl. Test: test/kernels/embedding.test.ts

const CP4 = CP / 4u;

@group(0) @binding(3) var<storage, read> weight: array<vec4f>;        // [V, CP]
@group(0) @binding(4) var<storage, read_write> x: array<vec4f>;       // [N, CP]

fn taken(n: u32, c: u32) -> vec4f {
  let v = weight[rows[n].token * CP4 + c];
  x[n * CP4 + c] = v;
  return v;
}

@group(0) @binding(5) var<storage, read> d_x: array<vec4f>;           // [N, CP]
@group(0) @binding(6) var<storage, read_write> partial: array<vec4f>; // [SPLITS, P] at this tensor's offset

// Every thread owns four channels of one token id and looks through its share of the rows: no atomics, fixed order.
// Dispatch: x over CP/4, y over V, z over SPLITS.
@compute @workgroup_size(8, 8)
fn embedding_backward(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= CP4 || id.y >= V) { return; }
  let share = (batch.N + SPLITS - 1u) / SPLITS;
  var sum = vec4f();
  for (var n = id.z * share; n < min((id.z + 1u) * share, batch.N); n++) {
    if (rows[n].token == id.y) { sum += d_x[n * CP4 + id.x]; }
  }
  let at = id.z * (P / 4u) + id.y * CP4 + id.x;
  if (batch.accumulate == 1u) { partial[at] += sum; } else { partial[at] = sum; }
}
