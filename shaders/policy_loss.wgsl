// policy_loss: loss of every response token and its gradient in the logits, one pass.
//
//   z = logits / T, p = softmax(z), H = −Σ p log p, logp = log p[action]
//   loss[n]       = weight[n] · (objective(t, n) + regularizers(t, n))
//   d_logits[n,j] = weight[n] / T · ( d_logp · (1[j = action] − p_j) − d_entropy · p_j (log p_j + H)
//                                 + Σ over row functionals F of d_row · (w_j − p_j Σ_k w_k) ),  w_j = ∂F/∂log p_j
//
// objective and regularizers come from the active methods (src/methods/compose.ts), so a method never writes a kernel.
// A row that predicts a mixture y of tokens (lib/latent_rows.wgsl) has logp = Σ_k y_k log p_k, y_j − p_j Σ_k y_k in place of
// 1[j = action] − p_j, and latent_objective in place of the objective; its ratio is 1, and no term of its log-probability
// is added: no token was drawn that a ratio or a KL estimate could look at. Entropy terms act as everywhere.
//
//   in/out  logits  [N, VP] overwritten by d_logits, padding by 0
//   in      actions [N]     id of the token that follows, < V
//   in      constants [N, K] where methods have some; declared and indexed by the composed text
//   in      facts   [N]     weight (0 on rows that predict no response token), advantage, old_logp, ref_logp (nats)
//   out     stats   [N, 2]  (weight · loss, logp, entropy, bound), (k3 to the reference, ratio, weight > 0, d_logp ≠ 0)
//
// Constants: V, VP. Needs lib/rows_packed.wgsl, lib/row_one.wgsl or lib/row_shared.wgsl, lib/token.wgsl, the composed
// methods, and lib/choice.wgsl where one has a row functional, else lib/rows_none.wgsl; lib/latent_rows.wgsl with a
// latent_objective, or lib/latent_none.wgsl.
// Numerics: the row maximum is taken out before exp; f32 throughout.
// Dispatch: lossWorkgroups of src/model/loss_rows.ts. Test: test/kernels/policy_loss.test.ts

@group(0) @binding(3) var<uniform> params: Params;
@group(0) @binding(4) var<storage, read_write> logits: array<f32>;
@group(0) @binding(5) var<storage, read> actions: array<u32>;
@group(0) @binding(6) var<storage, read> facts: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> stats: array<vec4f>;

@compute @workgroup_size(THREADS)
fn policy_loss(
  @builtin(global_invocation_id) global: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let n = row_of(global, group);
  if (n >= batch.N) { return; }
  let lane = lane_of(local);
  let row = n * VP;
  let fact = facts[n];
  let weight = fact.x;
  let idle = weight == 0.0;
  let scale = batch.inverse_temperature;
  let action = actions[n];
  // Before the row's other lanes may have put a gradient there.
  let taken_logit = logits[row + action];
  let softmax = row_softmax(row, scale, lane, idle);
  if (idle) {
    for (var v = lane; v < VP; v += LANES) { logits[row + v] = 0.0; }
    if (lane == 0u) {
      stats[2u * n] = vec4f();
      stats[2u * n + 1u] = vec4f();
    }
    return;
  }
  let top = softmax.top;
  let log_total = log(softmax.total);
  let entropy = log_total - softmax.mean / softmax.total;
  let is_latent = predicts_mixture(n);
  var logp = 0.0;
  var shares = 1.0;
  if (is_latent) {
    shares = 0.0;
    for (var v = 0u; v < V; v++) {
      let share = predicted_share(n, v);
      shares += share;
      logp += share * (logits[row + v] * scale - top - log_total);
    }
  } else {
    logp = taken_logit * scale - top - log_total;
  }
  let old_logp = select(fact.z, logp, is_latent);
  let ref_logp = select(fact.w, logp, is_latent);
  let ratio = exp(clamp(logp - old_logp, -20.0, 20.0));
  let t = Token(logp, old_logp, ref_logp, ratio, entropy, fact.y);
  rows_measure(row, top, log_total);
  var term = regularizers(t, n);
  if (is_latent) {
    term.d_logp = 0.0;
    term = term_add(latent_objective(t, n), term);
  } else {
    term = term_add(objective(t, n), term);
  }

  let score = weight * scale * term.d_logp;
  let spread = weight * scale * term.d_entropy;
  rows_total(row, top, log_total);
  for (var v = lane; v < V; v += LANES) {
    let logit = logits[row + v];
    let log_p = logit * scale - top - log_total;
    let p = exp(log_p);
    var taken = select(0.0, 1.0, v == action);
    if (is_latent) { taken = predicted_share(n, v); }
    let plain = score * (taken - p * shares) - spread * p * (log_p + entropy);
    logits[row + v] = rows_gradient(plain, weight * scale, logit, v, log_p);
  }
  for (var v = V + lane; v < VP; v += LANES) { logits[row + v] = 0.0; }
  if (lane > 0u) { return; }

  // As verl clamps it, so that one impossible token does not turn the step's mean into infinity.
  let x = clamp(ref_logp - logp, -20.0, 20.0);
  stats[2u * n] = vec4f(weight * term.loss, logp, entropy, term.bound);
  stats[2u * n + 1u] = vec4f(min(exp(x) - x - 1.0, 10.0), ratio, 1.0, select(0.0, 1.0, term.d_logp != 0.0));
}
