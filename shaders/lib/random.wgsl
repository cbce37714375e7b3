// random: counter-based random numbers, the same function as src/core/random.ts.
// PCG-RXS-M-XS 32-bit output function (O'Neill 2014; as a hash: Jarzynski, Olano, JCGT 2020).

fn pcg(input: u32) -> u32 {
  let state = input * 747796405u + 2891336453u;
  let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
  return (word >> 22u) ^ word;
}

// Uniform in [0, 1), 24 random bits.
fn random_uniform(seed: u32, stream: u32, step: u32, sequence: u32, position: u32) -> f32 {
  let hash = pcg(position + pcg(sequence + pcg(step + pcg(stream + pcg(seed)))));
  return f32(hash >> 8u) * 0x1p-24f;
}
