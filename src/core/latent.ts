/** How the latent positions at the beginning of a response are sampled (shaders/sample_latent.wgsl). */
export interface LatentSampling {
  /** Positions whose next input is a mixture of tokens; ≥ 1. */
  positions: number;
  /** Temperature of the mixture, > 0: towards 0 it is one token. */
  tau: number;
  /** Only so many of the likeliest tokens are mixed; 0: all. */
  top_k: number;
  /** Of those, the likeliest for as long as the ones before have less than this share; 1: all. */
  top_p: number;
  /** Gumbel noise on every logit; without it the mixture is a function of the context. */
  noise: boolean;
}

/** Most latent positions of a response. */
export const MOST_LATENT = 16;
