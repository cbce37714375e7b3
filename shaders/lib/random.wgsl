// random: counter-based random numbers, the same function as src/core/random.ts.
// PCG-RXS-M-XS 32-bit output function (O'Neill 2014; as a hash: Jarzynski, Olano, JCGT 2020).

fn pcg(input: u32) -> u32 {
  let state = input * 747796405u + 2891336453u;
  let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
  return (word >> 22u) ^ word;
}

fn random_bits(seed: u32, stream: u32, step: u32, sequence: u32, position: u32) -> u32 {
  return pcg(position + pcg(sequence + pcg(step + pcg(stream + pcg(seed)))));
}

// Uniform in [0, 1), 24 random bits.
fn random_uniform(seed: u32, stream: u32, step: u32, sequence: u32, position: u32) -> f32 {
  return f32(random_bits(seed, stream, step, sequence, position) >> 8u) * 0x1p-24f;
}

// −log u for u in (0, 1). Near 1, where WGSL's log has an absolute error only, by −log((1 − s) / (1 + s)) with
// s = (1 − u) / (1 + u) ≤ 1/3: the first term left out is s^16 / 17 of s, far below an ulp.
fn minus_log(u: f32) -> f32 {
  if (u < 0.5) { return -log(u); }
  let s = (1.0 - u) / (1.0 + u);
  let q = s * s;
  let tail = q * (1.0 / 3.0 + q * (1.0 / 5.0 + q * (1.0 / 7.0 + q * (1.0 / 9.0 + q * (1.0 / 11.0 + q * (1.0 / 13.0 + q / 15.0))))));
  return 2.0 * s * (1.0 + tail);
}

// Standard Gumbel: −log(−log u), u the middle of one of 2^23 equal parts of (0, 1). `bits` of random_bits, one word more
// of the counter: the token's id.
fn random_gumbel(bits: u32, id: u32) -> f32 {
  let u = (f32(pcg(id + bits) >> 9u) + 0.5) * 0x1p-23f;
  return -log(minus_log(u));
}
