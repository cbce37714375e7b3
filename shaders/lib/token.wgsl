// token: what a method may know of one response token, and what it returns.
// Gradient flows through logp (hence ratio) and entropy; the rest is constant.

struct Token {
  logp: f32,       // log π(a|s) of the taken token, nats, temperature included
  old_logp: f32,   // the same when the token was sampled
  ref_logp: f32,   // the same under the frozen base; equals old_logp where no method needs it
  ratio: f32,      // exp(clamp(logp − old_logp, −20, 20)), as verl clamps
  entropy: f32,    // H(π(·|s)), nats
  advantage: f32,  // unitless
}

// Value of a loss term and its derivatives with respect to logp and entropy.
// d_logp carries the factor `ratio` where the term depends on the ratio.
// bound is 1 where a clip holds the token (its gradient through the ratio is 0), for clip_fraction.
struct Term { loss: f32, d_logp: f32, d_entropy: f32, bound: f32 }

fn term_add(a: Term, b: Term) -> Term {
  return Term(a.loss + b.loss, a.d_logp + b.d_logp, a.d_entropy + b.d_entropy, max(a.bound, b.bound));
}

// A token that counts more or less in one term than the aggregate says; whether a clip holds it does not change.
fn term_scale(a: Term, by: f32) -> Term {
  return Term(by * a.loss, by * a.d_logp, by * a.d_entropy, a.bound);
}
