// latent_rows: what a training batch knows of latent positions (LEPO): rows whose input is a mixture of embeddings, and
// rows that predict a mixture instead of a token.
//
//   latent    [N] 1 + the number of the mixture that the row is fed, 0: a token; 1 + that of the one it predicts, 0: a token
//   mixtures  [M, V] shares of the vocabulary as they were sampled, constants to the gradient
//
// Where no arm has latent positions, lib/latent_none.wgsl stands in its place.

@group(0) @binding(9) var<storage, read> latent: array<vec2u>;
@group(0) @binding(10) var<storage, read> mixtures: array<f32>;

fn predicts_mixture(n: u32) -> bool { return latent[n].y > 0u; }
// Share of token v in the mixture that the row predicts; of rows that predict one.
fn predicted_share(n: u32, v: u32) -> f32 { return mixtures[(latent[n].y - 1u) * V + v]; }
