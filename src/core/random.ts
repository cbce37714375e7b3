/**
 * Counter-based random numbers: a draw is a pure function of (seed, stream, step, sequence, position), so runs of
 * different arms see the same prompts, a resumed run continues with the same bits, and any sample can be drawn again.
 * `shaders/lib/random.wgsl` is the same function on the GPU; test/kernels/random.test.ts holds them together.
 */

/** What a draw is for. Streams never share numbers. */
export const STREAM = {
  init: 1,
  prompt: 2,
  sample: 3,
  demonstration: 4,
  shuffle: 5,
  evaluate: 6,
  method: 7,
} as const;

/** PCG-RXS-M-XS 32-bit output function (O'Neill 2014; as a hash: Jarzynski, Olano, JCGT 2020). */
function pcg(input: number): number {
  const state = (Math.imul(input, 747796405) + 2891336453) >>> 0;
  const word = Math.imul((state >>> ((state >>> 28) + 4)) ^ state, 277803737) >>> 0;
  return ((word >>> 22) ^ word) >>> 0;
}

/** 32 random bits for a counter of any length: the fold `h = pcg(x + h)` over its words. */
export function randomBits(...counter: readonly number[]): number {
  let hash = 0;
  for (const word of counter) hash = pcg((word + hash) >>> 0);
  return hash;
}

/** Uniform in [0, 1) with 24 random bits, exactly representable in f32. */
export function uniform(...counter: readonly number[]): number {
  return (randomBits(...counter) >>> 8) * 2 ** -24;
}

/**
 * A draw of the standard Gumbel distribution, −log(−log u) with u uniform in (0, 1): the middles of 2²³ equal parts,
 * exactly representable in f32, so that no draw is infinite.
 */
export function gumbel(...counter: readonly number[]): number {
  return -Math.log(-Math.log(((randomBits(...counter) >>> 9) + 0.5) * 2 ** -23));
}

/** A sequence of draws at one place, for code that needs many (a problem generator, an initializer). */
export class Random {
  private draws = 0;
  private readonly counter: readonly number[];

  constructor(...counter: readonly number[]) {
    this.counter = counter;
  }

  /** Uniform in [0, 1). */
  next(): number {
    return uniform(...this.counter, this.draws++);
  }

  /** Whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  /** One of the items, with the given weights (default: equal). */
  pick<T>(items: readonly T[], weights?: readonly number[]): T {
    if (!weights) return items[this.integer(0, items.length - 1)] as T;
    let rest = this.next() * weights.reduce((a, b) => a + b, 0);
    const index = weights.findIndex((weight) => {
      rest -= weight;
      return rest < 0;
    });
    return items[index < 0 ? items.length - 1 : index] as T;
  }

  /** Standard normal (Box-Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  /** A random order of 0 … n−1 (Fisher-Yates). */
  permutation(n: number): Uint32Array {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(0, i);
      [order[i], order[j]] = [order[j] as number, order[i] as number];
    }
    return order;
  }
}
