// Estimators of the information plane on a policy whose probabilities are all known, so that I(q; r) and I(r; a) can be
// summed exactly. 6 prompts, equally likely; 4 responses; 3 answers.
import { describe, expect, it } from 'vitest';
import { answerInformation, entropyOf, promptInformation } from '../../src/core/information.ts';
import { Random } from '../../src/core/random.ts';

/** p(r | q) [6][4]: two prompts alike, one sure, one that knows nothing. */
const RESPONSES = [
  [0.7, 0.1, 0.1, 0.1],
  [0.7, 0.1, 0.1, 0.1],
  [0.05, 0.85, 0.05, 0.05],
  [0.1, 0.2, 0.3, 0.4],
  [0, 0, 1, 0],
  [0.25, 0.25, 0.25, 0.25],
];
/** p(a | r) [4][3] */
const ANSWERS = [
  [0.9, 0.05, 0.05],
  [0.1, 0.8, 0.1],
  [1 / 3, 1 / 3, 1 / 3],
  [0, 0, 1],
];
const Q = RESPONSES.length;
const marginal = [0, 1, 2, 3].map((r) => RESPONSES.reduce((sum, row) => sum + row[r] / Q, 0));
const exact = {
  prompt: entropyOf(marginal) - RESPONSES.reduce((sum, row) => sum + entropyOf(row) / Q, 0),
  answer:
    entropyOf([0, 1, 2].map((a) => marginal.reduce((sum, p, r) => sum + p * ANSWERS[r][a], 0))) -
    marginal.reduce((sum, p, r) => sum + p * entropyOf(ANSWERS[r]), 0),
};

/** Mean estimate with M prompts a response over many draws. */
function estimate(M: number, draws: number): number {
  const random = new Random(5, M);
  const scores = Array.from({ length: draws }, () => {
    const own = random.integer(0, Q - 1);
    const response = random.pick([0, 1, 2, 3], RESPONSES[own]);
    const others = Array.from({ length: M - 1 }, () => random.integer(0, Q - 1));
    return [own, ...others].map((q) => Math.log(RESPONSES[q][response]));
  });
  return promptInformation(scores).information;
}

describe('I(r; a)', () => {
  it('is exact where every response occurs as often as it is likely', () => {
    // 24 = the least number in which the marginal's shares (multiples of 1/120) are nearly whole: weighted by repetition.
    const list = marginal.flatMap((p, r) => Array(Math.round(p * 120)).fill(ANSWERS[r]));
    expect(list.length).toBe(120);
    expect(answerInformation(list).information).toBeCloseTo(exact.answer, 10);
    expect(exact.answer).toBeGreaterThan(0.2);
  });

  it('is 0 where responses tell nothing, log K where they tell all', () => {
    expect(answerInformation([ANSWERS[2], ANSWERS[2]]).information).toBeCloseTo(0, 12);
    const sure = [0, 1, 2].map((k) => [0, 1, 2].map((a) => Number(a === k)));
    expect(answerInformation(sure).information).toBeCloseTo(Math.log(3), 12);
  });
});

describe('I(q; r)', () => {
  it('comes nearer to the exact value with more prompts, from below', () => {
    const [few, more, many] = [4, 16, 64].map((M) => estimate(M, 40_000));
    // Standard error of 40,000 draws: about 0.004.
    expect(few).toBeLessThan(more);
    expect(more).toBeLessThan(many);
    expect(many).toBeLessThan(exact.prompt + 0.012);
    expect(exact.prompt - many).toBeLessThan(0.03);
    expect(exact.prompt - few).toBeGreaterThan(0.03);
  });

  it('never exceeds log M', () => {
    // Every prompt has a response of its own that no other prompt gives.
    const scores = [0, 1, 2].map((i) => [0, ...[1, 2].map((j) => (i + j > 0 ? -1e4 : 0))]);
    const { information, limit } = promptInformation(scores);
    expect(limit).toBeCloseTo(Math.log(3), 12);
    expect(information).toBeLessThanOrEqual(limit + 1e-12);
    expect(information).toBeCloseTo(limit, 6);
  });

  it('is H(r) − H(r | q), and 0 where the prompt decides nothing', () => {
    const same = promptInformation([
      [-2, -2, -2],
      [-1, -1, -1],
    ]);
    expect(same).toMatchObject({ responses: 1.5, given: 1.5, information: 0 });
  });
});
