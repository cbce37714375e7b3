// row_one: in the fused loss each invocation has a row of logits to itself: small vocabularies, and processors that play
// a GPU. Answers the same questions as lib/row_shared.wgsl; src/model/loss_rows.ts says which one is used.

const THREADS = 32u; // invocations of a workgroup
const LANES = 1u;    // invocations of a row

// About the row's maximum: the maximum, Σ e, Σ e · z, e = exp(z), z = scale · logit − top.
struct Softmax { top: f32, total: f32, mean: f32 }

fn row_of(global: vec3u, group: vec3u) -> u32 { return global.x; }
fn lane_of(local: u32) -> u32 { return 0u; }

// Where `idle`, anything.
fn row_softmax(row: u32, scale: f32, lane: u32, idle: bool) -> Softmax {
  if (idle) { return Softmax(); }
  var top = -3.4e38;
  for (var v = 0u; v < V; v++) { top = max(top, logits[row + v] * scale); }
  var total = 0.0;
  var mean = 0.0;
  for (var v = 0u; v < V; v++) {
    let z = logits[row + v] * scale - top;
    let e = exp(z);
    total += e;
    mean += e * z;
  }
  return Softmax(top, total, mean);
}
