/**
 * Entrocraft, the rule of the paper's text: where entropy leaves a band, only rollouts that lead back are learned from.
 * The authors' code (lblaoke/entrocraft at 26165bd) switches the estimator there instead. Taking rejected rollouts out
 * of the average is ours; they can stay.
 */
import type { NumberParam, Values } from '../core/param.ts';
import { mean } from '../core/statistics.ts';
import { responses } from '../core/token_batch.ts';
import { defineMethod } from './method.ts';

/** Entropies along the run that the user draws, and how far along they stand. */
const POINTS = [0.45, 0.3, 0.25, 0.2, 0.15];
const share = (point: number): number => point / (POINTS.length - 1);
const drawn = Object.fromEntries(
  POINTS.map((entropy, point) => [
    `drawn_${point}`,
    {
      kind: 'number',
      label: `at ${100 * share(point)} % of the run`,
      default: entropy,
      min: 0,
      max: 2,
      unit: 'nats',
      help: 'Middle of the band at this part of the run; straight lines lead from one to the next.',
      applies: { setting: 'schedule', is: [1] },
    } satisfies NumberParam,
  ]),
);

/** Edges of the band when this share of the run is done. */
function bandOf(values: Values, progress: number): { low: number; high: number } {
  const of = (name: string): number => values[`entrocraft.${name}`] as number;
  const between = (from: string, to: string, way: number): number =>
    of(from) + (of(to) - of(from)) * way;
  if (of('schedule') === 0) {
    return {
      low: between('low_begin', 'low_end', progress),
      high: between('high_begin', 'high_end', progress),
    };
  }
  const at = progress * (POINTS.length - 1);
  const point = Math.min(Math.floor(at), POINTS.length - 2);
  const middle = between(`drawn_${point}`, `drawn_${point + 1}`, at - point);
  return { low: middle - of('width') / 2, high: middle + of('width') / 2 };
}

export default defineMethod({
  id: 'entrocraft',
  label: 'Entrocraft',
  stage: 'weight',
  summary:
    'Keeps entropy on a schedule by choosing what to learn from: below the band only bad responses, which raises entropy; above it only good ones, which lowers it.',
  pitfalls:
    'It switches hard between two kinds of data, so entropy saws around the band. The authors’ text and their code differ outside of the band; this is the text’s rule.',
  seen: 'On 3 seeds, 32 steps of 8 × 8, against the same without it (95 % interval): entropy +0.096 ± 0.13 nats. Expected: entropy follows the band; not to be told from chance here.',
  formula: String.raw`L_i \cdot \mathbf{1}[m A_i \ge 0],\quad m = \mathbf{1}[\bar H > h_\text{high}] - \mathbf{1}[\bar H < h_\text{low}]`,
  paper: {
    title: 'Addressing Performance Saturation for LLM RL via Precise Entropy Curve Control',
    authors: 'Li, Wang, Ding, Lochab, Grama, Zhang',
    year: 2026,
    url: 'https://arxiv.org/abs/2604.26326',
  },
  fidelity: 'published',
  params: {
    schedule: {
      kind: 'choice',
      label: 'schedule',
      default: 0,
      options: [
        { id: 'line', label: 'two straight edges' },
        { id: 'drawn', label: 'drawn by you' },
      ],
      help: 'How the band moves through the run: between two straight edges, or along a curve that you draw.',
    },
    low_begin: {
      kind: 'number',
      label: 'lower edge, first',
      default: 0.4,
      min: 0,
      max: 10,
      unit: 'nats',
      help: 'Lower edge of the band at the first step; it moves in a straight line to the last. The paper takes 0.6 for large vocabularies.',
      applies: { setting: 'schedule', is: [0] },
    },
    low_end: {
      kind: 'number',
      label: 'lower edge, last',
      default: 0.1,
      min: 0,
      max: 10,
      unit: 'nats',
      help: 'Lower edge of the band at the last step. Equal to the first for a constant band; the paper takes 0.1.',
      applies: { setting: 'schedule', is: [0] },
    },
    high_begin: {
      kind: 'number',
      label: 'upper edge, first',
      default: 0.5,
      min: 0,
      max: 10,
      unit: 'nats',
      help: 'Upper edge of the band at the first step. The paper takes 0.7.',
      applies: { setting: 'schedule', is: [0] },
    },
    high_end: {
      kind: 'number',
      label: 'upper edge, last',
      default: 0.2,
      min: 0,
      max: 10,
      unit: 'nats',
      help: 'Upper edge of the band at the last step. The paper takes 0.2.',
      applies: { setting: 'schedule', is: [0] },
    },
    ...drawn,
    width: {
      kind: 'number',
      label: 'width of the band',
      default: 0.1,
      min: 0,
      max: 2,
      unit: 'nats',
      help: 'From the lower edge to the upper, around the drawn curve. A narrow band rejects more.',
      applies: { setting: 'schedule', is: [1] },
    },
    average: {
      kind: 'choice',
      label: 'averaged over',
      default: 0,
      options: [
        { id: 'kept', label: 'kept responses' },
        { id: 'all', label: 'all responses' },
      ],
      help: 'Over kept responses a step is as large as without rejection; over all, rejection also makes it smaller.',
    },
  },
  neutral: { schedule: 0, low_begin: 0, low_end: 0, high_begin: 10, high_end: 10 },
  drawing: Object.keys(drawn),
  needs: ['current'],

  /** Mean entropy of the minibatch's tokens under the policy as it is. */
  weights(batch, values) {
    const { low, high } = bandOf(values, batch.progress);
    const entropy = mean(batch.entropy);
    const side = Number(entropy > high) - Number(entropy < low);
    const result = new Float32Array(batch.entropy.length);
    for (const { from, to } of responses(batch)) {
      const advantage = mean(batch.advantage.subarray(from, to));
      result.fill(side * advantage >= 0 ? 1 : 0, from, to);
    }
    return result;
  },
  dropsTokens: (values) => values['entrocraft.average'] === 0,
});
