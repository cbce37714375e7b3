// mix: four channels of Σ_v y_v E[v], in the order of ids, so that training reads what decoding was fed, bit for bit.
// Needs `mixtures` and `weight`, the embedding [V, CP], of the file that follows.

const CP4 = CP / 4u;

fn mixed(mixture: u32, c: u32) -> vec4f {
  var sum = vec4f();
  for (var v = 0u; v < V; v++) { sum += mixtures[mixture * V + v] * weight[v * CP4 + c]; }
  return sum;
}
