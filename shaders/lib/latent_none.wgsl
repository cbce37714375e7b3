// latent_none: what stands in the fused loss of an engine without latent positions (lib/latent_rows.wgsl).

fn predicts_mixture(n: u32) -> bool { return false; }
fn predicted_share(n: u32, v: u32) -> f32 { return 0.0; }
fn latent_objective(t: Token, n: u32) -> Term { return Term(0.0, 0.0, 0.0, 0.0); }
