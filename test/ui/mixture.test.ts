/** Mixtures of latent positions in pieces and in words, and what the microscope and slow motion make of them. */
import { describe, expect, test } from 'vitest';
import type { TermInspection } from '../../src/core/inspection.ts';
import type { SlowResponse } from '../../src/core/slow_step.ts';
import { TASKS } from '../../src/tasks/index.ts';
import type { Task } from '../../src/tasks/task.ts';
import { filledFormula, filledGradient } from '../../src/ui/microscope/filled.ts';
import { numbersOf } from '../../src/ui/microscope/numbers.ts';
import { gainsOf } from '../../src/ui/responses/gains.ts';
import { latentInWords, lengthInWords, partsOf } from '../../src/ui/responses/mixture.ts';
import { type Coefficients, TINTS } from '../../src/ui/responses/tint.ts';
import { positionInWords, textOfAll } from '../../src/ui/slow/given.ts';
import { CHANGES, meanChange } from '../../src/ui/slow/shaping.ts';
import type { ResponseSample } from '../../src/worker/protocol.ts';

const task = TASKS.get('chain_sum') as Task;
const id = (text: string) => task.vocabulary.indexOf(text);
const ids = (text: string) => [...text].map(id);
/** Shares by text, zero elsewhere. */
const mixture = (shares: Record<string, number>) =>
  task.vocabulary.map((text) => shares[text] ?? 0);

describe('a mixture', () => {
  test('names at most three tokens, the largest in any case, and adds up', () => {
    const y = mixture({ 5: 0.4, '+': 0.3, 7: 0.2, 1: 0.09, '#': 0.01 });
    const parts = partsOf(y, task);
    expect(parts.map(({ text }) => text)).toEqual(['5', '+', '7', undefined]);
    expect(parts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    // Small ones are others, and what is nearly nothing is nothing.
    expect(partsOf(mixture({ 5: 0.96, '+': 0.04 }), task).map(({ text }) => text)).toEqual([
      ...['5', undefined],
    ]);
    expect(partsOf(mixture({ $: 0.997, '+': 0.003 }), task)).toEqual([
      { text: 'end', share: 0.997 },
    ]);
    const even = task.vocabulary.map(() => 1 / task.vocabulary.length);
    expect(partsOf(even, task).map(({ text }) => text)).toEqual(['0', undefined]);
  });

  test('has words', () => {
    expect(latentInWords(mixture({ 5: 0.7, '+': 0.294, '#': 0.006 }), task)).toBe(
      'latent, a mixture of 70 % “5”, 29 % “+”, <1 % others',
    );
    const y = mixture({ 5: 1 });
    expect(lengthInWords(ids('12#3$'), [y, y])).toBe('2 latent positions and 3 tokens');
    expect(lengthInWords(ids('1$'), [y])).toBe('1 latent position and 1 token');
    expect(lengthInWords(ids('#'))).toBe('1 token');
  });
});

describe('a latent position', () => {
  const y = mixture({ 5: 0.6, 1: 0.4 });

  test('stands as a box where a response is text, and by its mixture where it is asked about', () => {
    expect(textOfAll(task, ids('51#3$'), 2)).toBe('▒▒#3');
    const response = { tokens: ids('5#3$'), mixtures: [y] };
    expect(positionInWords(response, 0, task)).toBe('latent, a mixture of 60 % “5”, 40 % “1”');
    expect(positionInWords(response, 3, task)).toBe('end');
  });

  test('is a kind of its own, and tokens after it keep theirs', () => {
    const gain = TINTS.find(({ id: tint }) => tint === 'gain')!;
    const sample = { tokens: ids('3+4=7#7$'), mixtures: [y, y] } as unknown as ResponseSample;
    const entropy = Float32Array.of(5, 4, 2, 1, 1, 0);
    const logp = new Float32Array(6);
    const known: Coefficients = new Map([
      [sample, { entropy: [], taken: [], answers: { entropy, logp } }],
    ]);
    expect(gainsOf([sample], gain, known, task).kinds).toEqual([
      { kind: 'latent position', mean: 1.5, tokens: 2 },
      { kind: 'operand', mean: 1, tokens: 1 },
      { kind: 'sign', mean: 0, tokens: 1 },
      { kind: 'partial result', mean: 1, tokens: 1 },
    ]);
  });

  test('has the latent loss in formulas whatever the objective, and no ratio', () => {
    const term = {
      ...{ method: 'ppo_clip', values: {}, weights: [], loss: [0.75], bound: [0] },
      ...{ d_logp: [-1.5], d_entropy: [0] },
    } as unknown as TermInspection;
    const token = {
      ...{ probabilities: new Float32Array(15), entropy: 1, logp: -0.5, ratio: 1, p_eos: 0 },
    };
    const beside = { advantage: 1.5, constants: {}, isLatent: true };
    expect(filledFormula(term, 0, token, beside)).toBe(
      String.raw`-A \sum_k y_k \log p_k = -1.500\cdot (-0.500) = 0.750`,
    );
    expect(filledFormula(term, 0, token, { ...beside, isLatent: false })).toContain(
      String.raw`\rho`,
    );
    expect(filledGradient(term, 0, beside)).toContain('(y_j-p_j)');
    const names = numbersOf(term, 0, token, beside).map(({ name }) => name);
    expect(names).toContain('Σ y log p');
    expect(names).not.toContain('ρ');
  });

  test('has no part in the change of the drawn tokens’ probability', () => {
    const response = {
      mixtures: [y],
      ...{ before: { logp: [-9, -1, -1] }, after: { logp: [-1, -0.5, -1] } },
    } as unknown as SlowResponse;
    expect(meanChange([response], CHANGES[0], true)).toBe(0.25);
    expect(meanChange([response], CHANGES[0])).toBeCloseTo(8.5 / 3, 12);
  });
});
