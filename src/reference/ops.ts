// The operations of a Llama decoder, one by one, forward beside backward, in float64.
//
// This is the second, slow, obviously right implementation that kernels are compared with: plain
// loops, nothing imported, nothing shared with the program. Every array is row-major and flat; its
// shape stands beside it, outermost first.
//
//   N tokens in the packed stream   C channels   V vocabulary   H heads   D head width
//
// A packed stream holds sequences of any length one after another; first[n] is the index, in the
// stream, of the first token of the sequence that token n belongs to.

/** What the reference reads: typed arrays of either precision, or plain arrays. */
export type Numbers = ArrayLike<number>;

/** out[m, n] = sum over k of a(m, k) · b(k, n); a transposed operand is stored the other way. */
export function matmul(
  a: Numbers, // [M, K], or [K, M] when transposeA
  b: Numbers, // [K, N], or [N, K] when transposeB
  M: number,
  K: number,
  N: number,
  { transposeA = false, transposeB = false } = {},
): Float64Array {
  if (a.length !== M * K || b.length !== K * N) {
    throw new RangeError(
      `matmul: need a of ${M}x${K} and b of ${K}x${N}, got ${a.length} and ${b.length} numbers`,
    );
  }
  const out = new Float64Array(M * N);
  for (let m = 0; m < M; m++) {
    for (let n = 0; n < N; n++) {
      let sum = 0;
      for (let k = 0; k < K; k++) {
        const left = a[transposeA ? k * M + m : m * K + k];
        const right = b[transposeB ? n * K + k : k * N + n];
        sum += left * right;
      }
      out[m * N + n] = sum;
    }
  }
  return out;
}

/** A linear layer without bias: out = x · weightᵀ. */
export function linearForward(
  x: Numbers, // [N, inputs]
  weight: Numbers, // [outputs, inputs]
  N: number,
  inputs: number,
  outputs: number,
): Float64Array /* [N, outputs] */ {
  return matmul(x, weight, N, inputs, outputs, { transposeB: true });
}

export function linearBackward(
  dOut: Numbers, // [N, outputs]
  x: Numbers, // [N, inputs]
  weight: Numbers, // [outputs, inputs]
  N: number,
  inputs: number,
  outputs: number,
): { dX: Float64Array /* [N, inputs] */; dWeight: Float64Array /* [outputs, inputs] */ } {
  return {
    dX: matmul(dOut, weight, N, outputs, inputs),
    dWeight: matmul(dOut, x, outputs, N, inputs, { transposeA: true }),
  };
}

/** out[n] = row token[n] of the table. */
export function embeddingForward(
  weight: Numbers, // [V, C]
  token: Numbers, // [N]
  C: number,
): Float64Array /* [N, C] */ {
  const out = new Float64Array(token.length * C);
  for (let n = 0; n < token.length; n++) {
    for (let c = 0; c < C; c++) out[n * C + c] = weight[token[n] * C + c];
  }
  return out;
}

export function embeddingBackward(
  dOut: Numbers, // [N, C]
  token: Numbers, // [N]
  V: number,
  C: number,
): Float64Array /* dWeight [V, C], zero in the rows of tokens that do not occur */ {
  const dWeight = new Float64Array(V * C);
  for (let n = 0; n < token.length; n++) {
    for (let c = 0; c < C; c++) dWeight[token[n] * C + c] += dOut[n * C + c];
  }
  return dWeight;
}

/** out = weight · x · rstd with rstd = 1 / sqrt(mean of x² over channels + eps). */
export function rmsnormForward(
  x: Numbers, // [N, C]
  weight: Numbers, // [C]
  N: number,
  C: number,
  eps = 1e-5,
): { out: Float64Array /* [N, C] */; rstd: Float64Array /* [N] */ } {
  const out = new Float64Array(N * C);
  const rstd = new Float64Array(N);
  for (let n = 0; n < N; n++) {
    let sumOfSquares = 0;
    for (let c = 0; c < C; c++) sumOfSquares += x[n * C + c] ** 2;
    rstd[n] = 1 / Math.sqrt(sumOfSquares / C + eps);
    for (let c = 0; c < C; c++) out[n * C + c] = weight[c] * x[n * C + c] * rstd[n];
  }
  return { out, rstd };
}

/**
 * With x̂ = x · rstd and g = dOut · weight:
 *   dX = rstd · (g − x̂ · mean over channels of (g · x̂)),   dWeight = sum over n of dOut · x̂.
 */
export function rmsnormBackward(
  dOut: Numbers, // [N, C]
  x: Numbers, // [N, C]
  weight: Numbers, // [C]
  rstd: Numbers, // [N]
  N: number,
  C: number,
): { dX: Float64Array /* [N, C] */; dWeight: Float64Array /* [C] */ } {
  const dX = new Float64Array(N * C);
  const dWeight = new Float64Array(C);
  for (let n = 0; n < N; n++) {
    let mean = 0;
    for (let c = 0; c < C; c++) {
      mean += (dOut[n * C + c] * weight[c] * x[n * C + c] * rstd[n]) / C;
    }
    for (let c = 0; c < C; c++) {
      const normalized = x[n * C + c] * rstd[n];
      dX[n * C + c] = rstd[n] * (dOut[n * C + c] * weight[c] - normalized * mean);
      dWeight[c] += dOut[n * C + c] * normalized;
    }
  }
  return { dX, dWeight };
}

/**
 * Rotary positions as Hugging Face's Llama has them: channel i of a head's first half is paired
 * with channel i of its second half, and the pair turns by position · theta^(−2i/D).
 * `direction` −1 turns back, which is the gradient (a rotation's inverse is its transpose).
 */
export function rope(
  x: Numbers, // [N, H, D], D even
  position: Numbers, // [N], counted from 0 at each sequence's start
  H: number,
  D: number,
  theta = 10000,
  direction: 1 | -1 = 1,
): Float64Array /* [N, H, D] */ {
  const half = D / 2;
  if (!Number.isInteger(half)) throw new RangeError(`rope: head width must be even, got ${D}`);
  const out = new Float64Array(position.length * H * D);
  for (let n = 0; n < position.length; n++) {
    for (let h = 0; h < H; h++) {
      for (let i = 0; i < half; i++) {
        const angle = direction * position[n] * theta ** ((-2 * i) / D);
        const first = (n * H + h) * D + i;
        const second = first + half;
        out[first] = x[first] * Math.cos(angle) - x[second] * Math.sin(angle);
        out[second] = x[second] * Math.cos(angle) + x[first] * Math.sin(angle);
      }
    }
  }
  return out;
}

export function ropeBackward(
  dOut: Numbers, // [N, H, D]
  position: Numbers, // [N]
  H: number,
  D: number,
  theta = 10000,
): Float64Array /* dX [N, H, D] */ {
  return rope(dOut, position, H, D, theta, -1);
}

export interface Attention {
  out: Float64Array; // [N, H, D]
  /** Log-sum-exp of the scaled scores of each row, nats. [N, H] */
  lse: Float64Array;
  /** Row n·H + h holds the weights of token n over first[n]..n. */
  att: Float64Array[];
}

/** Causal attention inside each sequence: scores q·k / sqrt(D), softmax over first[n]..n. */
export function attentionForward(
  q: Numbers, // [N, H, D], rotated
  k: Numbers, // [N, H, D], rotated
  v: Numbers, // [N, H, D]
  first: Numbers, // [N]
  H: number,
  D: number,
): Attention {
  const N = first.length;
  const out = new Float64Array(N * H * D);
  const lse = new Float64Array(N * H);
  const att: Float64Array[] = [];
  for (let n = 0; n < N; n++) {
    for (let h = 0; h < H; h++) {
      const start = first[n];
      const row = new Float64Array(n - start + 1);
      let max = Number.NEGATIVE_INFINITY;
      for (let j = start; j <= n; j++) {
        let score = 0;
        for (let d = 0; d < D; d++) score += q[(n * H + h) * D + d] * k[(j * H + h) * D + d];
        row[j - start] = score / Math.sqrt(D);
        max = Math.max(max, row[j - start]);
      }
      let sum = 0;
      for (const score of row) sum += Math.exp(score - max);
      lse[n * H + h] = max + Math.log(sum);
      for (let j = start; j <= n; j++) {
        const weight = Math.exp(row[j - start] - lse[n * H + h]);
        row[j - start] = weight;
        for (let d = 0; d < D; d++) out[(n * H + h) * D + d] += weight * v[(j * H + h) * D + d];
      }
      att.push(row);
    }
  }
  return { out, lse, att };
}

export function attentionBackward(
  dOut: Numbers, // [N, H, D]
  q: Numbers, // [N, H, D], rotated
  k: Numbers, // [N, H, D], rotated
  v: Numbers, // [N, H, D]
  att: Numbers[], // as attentionForward returns it
  first: Numbers, // [N]
  H: number,
  D: number,
): { dQ: Float64Array; dK: Float64Array; dV: Float64Array } /* each [N, H, D] */ {
  const N = first.length;
  const dQ = new Float64Array(N * H * D);
  const dK = new Float64Array(N * H * D);
  const dV = new Float64Array(N * H * D);
  for (let n = 0; n < N; n++) {
    for (let h = 0; h < H; h++) {
      const start = first[n];
      const weight = att[n * H + h];
      const here = (n * H + h) * D;
      const dWeight = new Float64Array(n - start + 1);
      let mean = 0; // of dWeight under the attention weights
      for (let j = start; j <= n; j++) {
        const there = (j * H + h) * D;
        for (let d = 0; d < D; d++) {
          dWeight[j - start] += dOut[here + d] * v[there + d];
          dV[there + d] += weight[j - start] * dOut[here + d];
        }
        mean += weight[j - start] * dWeight[j - start];
      }
      for (let j = start; j <= n; j++) {
        const there = (j * H + h) * D;
        const dScore = (weight[j - start] * (dWeight[j - start] - mean)) / Math.sqrt(D);
        for (let d = 0; d < D; d++) {
          dQ[here + d] += dScore * k[there + d];
          dK[there + d] += dScore * q[here + d];
        }
      }
    }
  }
  return { dQ, dK, dV };
}

/** silu(gate) · up with silu(x) = x · sigmoid(x), element by element. */
export function swigluForward(gate: Numbers, up: Numbers): Float64Array {
  const out = new Float64Array(gate.length);
  for (let i = 0; i < gate.length; i++) out[i] = (gate[i] / (1 + Math.exp(-gate[i]))) * up[i];
  return out;
}

/** silu'(x) = s · (1 + x · (1 − s)) with s = sigmoid(x). */
export function swigluBackward(
  dOut: Numbers,
  gate: Numbers,
  up: Numbers,
): { dGate: Float64Array; dUp: Float64Array } {
  const dGate = new Float64Array(gate.length);
  const dUp = new Float64Array(gate.length);
  for (let i = 0; i < gate.length; i++) {
    const sigmoid = 1 / (1 + Math.exp(-gate[i]));
    dGate[i] = dOut[i] * up[i] * sigmoid * (1 + gate[i] * (1 - sigmoid));
    dUp[i] = dOut[i] * gate[i] * sigmoid;
  }
  return { dGate, dUp };
}

export function add(a: Numbers, b: Numbers): Float64Array {
  const out = new Float64Array(a.length);
  for (let i = 0; i < a.length; i++) out[i] = a[i] + b[i];
  return out;
}
