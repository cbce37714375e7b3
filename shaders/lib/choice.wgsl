// choice: one token of the vocabulary, as a method's row functional sees it (src/methods/method.ts, Row).

struct Choice {
  logp: f32,     // log π(j|s), nats, temperature included
  p: f32,        // π(j|s)
  inside: bool,  // in the set of likeliest tokens that the method takes; true where it takes none
}

// A regularizer's term that reaches the logits through its row functional, too.
struct RowTerm { term: Term, d_row: f32 }

fn choice(logp: f32, inside: bool) -> Choice { return Choice(logp, exp(logp), inside); }

// (p^q − p) / (q − 1), at q = 1 its limit p log p. The series carries where the difference would cancel.
fn power_difference(c: Choice, q: f32) -> f32 {
  let x = (q - 1.0) * c.logp;
  if (abs(x) > 0.3) { return (exp(q * c.logp) - c.p) / (q - 1.0); }
  let series = 1.0 + x / 2.0 * (1.0 + x / 3.0 * (1.0 + x / 4.0 * (1.0 + x / 5.0 * (1.0 + x / 6.0))));
  return c.p * c.logp * series;
}

// The last token of a set in order of likelihood; equal ones go by id. No token is in at NO_EDGE.
struct Edge { logit: f32, id: u32 }
const NO_EDGE = Edge(3.4e38, V);

fn inside(edge: Edge, logit: f32, id: u32) -> bool {
  return logit > edge.logit || (logit == edge.logit && id <= edge.id);
}

// The likeliest token after `last`; id V where there is none.
fn next_likeliest(row: u32, last: Edge) -> Edge {
  var next = Edge(-3.4e38, V);
  for (var v = 0u; v < V; v++) {
    let logit = logits[row + v];
    if (logit > next.logit && !inside(last, logit, v)) { next = Edge(logit, v); }
  }
  return next;
}
