/** Student's t in both directions, spread, and how many seeds would likely be enough. Pure. */

/** ln Γ(x) for x > 0, after Lanczos (g = 7, nine terms): 15 digits. */
function lnGamma(x: number): number {
  const terms = [
    676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406,
    12.507343278686905, -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
  ];
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - lnGamma(1 - x);
  const sum = terms.reduce((total, term, i) => total + term / (x + i), 0.9999999999998099);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/** Regularized incomplete beta function I_x(a, b), by its continued fraction (Lentz). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(
    lnGamma(a + b) - lnGamma(a) - lnGamma(b) + a * Math.log(x) + b * Math.log(1 - x),
  );
  const guard = (value: number) => (Math.abs(value) < 1e-300 ? 1e-300 : value);
  let c = 1;
  let d = 1 / guard(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 300; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let change = 1;
    for (const term of [even, odd]) {
      d = 1 / guard(1 + term * d);
      c = guard(1 + term / c);
      change = c * d;
      fraction *= change;
    }
    if (Math.abs(change - 1) < 1e-14) break;
  }
  return (front * fraction) / a;
}

/** P(T ≤ t) with `df` degrees of freedom. */
export function tCdf(t: number, df: number): number {
  const tail = 0.5 * incompleteBeta(df / (df + t * t), df / 2, 0.5);
  return t > 0 ? 1 - tail : tail;
}

/** By `p df`: a page asks for the same few hundred times a second. */
const quantiles = new Map<string, number>();

/** t with P(T ≤ t) = p, for 0.5 ≤ p < 1; NaN without a degree of freedom. */
export function tQuantile(p: number, df: number): number {
  if (!(df >= 1)) return Number.NaN;
  const key = `${p} ${df}`;
  const known = quantiles.get(key);
  if (known !== undefined) return known;
  let low = 0;
  let high = 1;
  while (tCdf(high, df) < p) high *= 2;
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2;
    if (tCdf(middle, df) < p) low = middle;
    else high = middle;
  }
  const t = (low + high) / 2;
  quantiles.set(key, t);
  return t;
}

/** Standard deviation of a sample (n − 1); NaN with fewer than two values. */
export function sampleSd(values: readonly number[]): number {
  const n = values.length;
  if (n < 2) return Number.NaN;
  const mean = values.reduce((sum, x) => sum + x, 0) / n;
  return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1));
}

/**
 * Fewest pairs with which a 95 % t-interval would leave zero in four of five repetitions, if the true difference and
 * its spread are what was observed: (t₀.₉₇₅ + t₀.₈₀) · sd / √n ≤ |mean|.
 * @returns undefined when `most` would not be enough
 */
export function pairsLikelyEnough(mean: number, sd: number, most: number): number | undefined {
  if (!(Math.abs(mean) > 0) || !(sd >= 0)) return undefined;
  for (let n = 2; n <= most; n++) {
    const reach = tQuantile(0.975, n - 1) + tQuantile(0.8, n - 1);
    if ((reach * sd) / Math.sqrt(n) <= Math.abs(mean)) return n;
  }
  return undefined;
}
