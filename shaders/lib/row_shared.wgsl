// row_shared: in the fused loss a workgroup has a row of logits together: large vocabularies. It reads the row once for
// the softmax (online, arXiv 1805.02867) and once for the gradient, neighbors next to each other. Answers the same
// questions as lib/row_one.wgsl. All invocations of a row must ask together. Not for rows that are walked again by each
// invocation (lib/choice.wgsl, lib/latent_rows.wgsl): others have overwritten them by then.

const THREADS = 64u;
const LANES = 64u;

struct Softmax { top: f32, total: f32, mean: f32 }

var<workgroup> parts: array<Softmax, LANES>;

// More rows than one direction of a grid holds go on in the next.
fn row_of(global: vec3u, group: vec3u) -> u32 { return group.x + 65535u * group.y; }
fn lane_of(local: u32) -> u32 { return local; }

// The same sums about a maximum that is `by` higher.
fn raised(s: Softmax, by: f32) -> Softmax {
  let f = exp(-by);
  return Softmax(s.top + by, f * s.total, f * (s.mean - by * s.total));
}

fn joined(a: Softmax, b: Softmax) -> Softmax {
  let top = max(a.top, b.top);
  let x = raised(a, top - a.top);
  let y = raised(b, top - b.top);
  return Softmax(top, x.total + y.total, x.mean + y.mean);
}

fn row_softmax(row: u32, scale: f32, lane: u32, idle: bool) -> Softmax {
  // A lane without a token of its own (V < LANES) adds nothing: a total of 0 about the row's first logit.
  var own = Softmax(logits[row] * scale, 0.0, 0.0);
  if (!idle) {
    for (var v = lane; v < V; v += LANES) {
      let z = logits[row + v] * scale;
      if (z > own.top) { own = raised(own, z - own.top); }
      let e = exp(z - own.top);
      own.total += e;
      own.mean += e * (z - own.top);
    }
  }
  parts[lane] = own;
  // In a fixed order: runs are reproducible.
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { parts[lane] = joined(parts[lane], parts[lane + half]); }
  }
  workgroupBarrier();
  let all = parts[0];
  // Nobody overwrites a logit before everybody has read it.
  storageBarrier();
  return all;
}
