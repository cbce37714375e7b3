/** What a step did to the distributions at the tokens it learned from, and what was to be expected. */
import type { Metric } from './metric.ts';

export const CHANGE = {
  entropy_change: {
    id: 'entropy_change',
    label: 'entropy change of a step',
    unit: 'nats',
    when: 'eval',
    size: 'off',
    gauge: 'change',
    formula: String.raw`\frac{1}{N}\sum_t H(\pi_\text{after}(\cdot \mid s_t)) - H(\pi_\text{before}(\cdot \mid s_t))`,
    help: 'Mean entropy at the tokens of the step’s responses after its updates, minus before: what one step did. Compare it with the two predictions.',
  },
  entropy_change_predicted: {
    id: 'entropy_change_predicted',
    label: 'entropy change, first order',
    unit: 'nats',
    when: 'eval',
    size: 'off',
    gauge: 'change',
    formula: String.raw`\Bigl\langle \nabla_\theta \frac{1}{N}\sum_t H_t,\; \theta_\text{after} - \theta_\text{before} \Bigr\rangle`,
    help: 'The same to first order: the gradient of mean entropy along the step that the optimizer really took. Far from the measured change, steps are too long for slopes to tell.',
  },
  entropy_change_tabular: {
    id: 'entropy_change_tabular',
    label: 'entropy change, per logit step',
    unit: 'nats',
    when: 'eval',
    size: 'off',
    gauge: 'change',
    formula: String.raw`-\frac{1}{N}\sum_t A_t\bigl(S_t - \textstyle\sum_j p_j S_j\bigr),\quad S_j = p_j(\log p_j + H)`,
    help: 'What the policy gradient alone would do to first order if every position had logits of its own, per unit of step. Compare sign and shape with the measured change, not size: positions share weights, and Adam rescales.',
  },
  acceptance: {
    id: 'acceptance',
    label: 'overlap with the policy before',
    unit: '',
    when: 'eval',
    size: 'off',
    range: [0, 1],
    gauge: 'change',
    formula: String.raw`\frac{1}{N}\sum_t \sum_j \min\bigl(\pi_\text{after}(j \mid s_t), \pi_\text{before}(j \mid s_t)\bigr)`,
    help: 'Share of the old policy’s tokens that the new one would accept as its own (1 minus total variation), over one step. The lower it is, the further a single step went.',
  },
} as const satisfies Readonly<Record<string, Metric>>;
