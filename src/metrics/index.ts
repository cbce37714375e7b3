/**
 * Everything that is measured, declared once: a chart, a CSV column and a help text are a row of this table.
 * `formula` is LaTeX; `when` says how often a value exists ('step': every step, 'eval': only at evaluations).
 */
export interface Metric {
  id: string;
  label: string;
  unit: string;
  when: 'step' | 'eval';
  formula: string;
  /** Definition and what to expect, two sentences. */
  help: string;
  /** Natural range of the axis where there is one. */
  range?: readonly [number, number];
  /** Large charts first, the others smaller below. */
  size: 'large' | 'small';
}

export const METRICS = [
  {
    id: 'eval_accuracy',
    label: 'accuracy (held-out)',
    unit: '',
    when: 'eval',
    size: 'large',
    range: [0, 1],
    formula: String.raw`\frac{1}{8P}\sum_{p}\sum_{i=1}^{8} \mathbf{1}[\text{answer right}]`,
    help: 'Share of right answers to fixed problems that training never sees, 8 sampled responses each (avg@8). The number that counts.',
  },
  {
    id: 'entropy',
    label: 'entropy',
    unit: 'nats',
    when: 'step',
    size: 'large',
    formula: String.raw`\frac{1}{N}\sum_t H(\pi(\cdot\mid s_t)),\quad H=-\sum_j p_j\log p_j`,
    help: 'How undecided the model is, averaged over the response tokens it sampled. It falls as a task is learned and explodes when a bonus for it is too strong.',
  },
  {
    id: 'response_length',
    label: 'response length',
    unit: 'tokens',
    when: 'step',
    size: 'large',
    formula: String.raw`\frac{1}{B}\sum_i |o_i|`,
    help: 'Tokens of a response, end token included. Reward does not ask for length; it grows when writing intermediate results pays.',
  },
  {
    id: 'accuracy',
    label: 'accuracy (training)',
    unit: '',
    when: 'step',
    size: 'small',
    range: [0, 1],
    formula: String.raw`\frac{1}{B}\sum_i \mathbf{1}[\text{answer right}]`,
    help: 'Share of right answers among the responses of this step. Noisier than held-out accuracy, but measured at every step.',
  },
  {
    id: 'eval_pass_at_8',
    label: 'pass@8 (held-out)',
    unit: '',
    when: 'eval',
    size: 'small',
    range: [0, 1],
    formula: String.raw`\frac{1}{P}\sum_p \mathbf{1}[\text{any of 8 right}]`,
    help: 'Share of held-out problems that at least one of 8 responses solves. It shows what the model can still find when it varies.',
  },
  {
    id: 'reward',
    label: 'reward',
    unit: '',
    when: 'step',
    size: 'small',
    formula: String.raw`\frac{1}{B}\sum_i R_i`,
    help: 'Mean reward of the step. Equal to training accuracy while a task pays 1 for right and 0 for wrong.',
  },
  {
    id: 'p_eos',
    label: 'P(end) before the answer',
    unit: '',
    when: 'step',
    size: 'small',
    formula: String.raw`\operatorname{mean}_{t < t_{\text{answer}}} \pi(\text{EOS}\mid s_t)`,
    help: 'Probability of ending at positions where no answer has been given yet. A sound model keeps it near 0; an entropy bonus pushes it up.',
  },
  {
    id: 'premature_end',
    label: 'ended before the answer',
    unit: '',
    when: 'step',
    size: 'small',
    range: [0, 1],
    formula: String.raw`\frac{1}{B}\sum_i \mathbf{1}[\text{EOS without answer}]`,
    help: 'Share of responses that ended without giving any answer.',
  },
  {
    id: 'kl_base',
    label: 'KL from base',
    unit: 'nats',
    when: 'eval',
    size: 'small',
    formula: String.raw`\frac{1}{N}\sum_t e^{-\Delta_t}-1+\Delta_t,\quad \Delta=\log\pi-\log\pi_{\text{base}}`,
    help: 'How far the policy has moved from the base, per token of its own responses (k3 estimate). It grows as the model learns; a KL penalty holds it.',
  },
  {
    id: 'grad_norm',
    label: 'gradient norm',
    unit: '',
    when: 'step',
    size: 'small',
    formula: String.raw`\lVert \nabla_\theta L \rVert_2`,
    help: 'Norm of the whole gradient before clipping, mean over the updates of a step. It falls to 0 when every group agrees and no regularizer acts.',
  },
  {
    id: 'clip_fraction',
    label: 'clipped tokens',
    unit: '',
    when: 'step',
    size: 'small',
    range: [0, 1],
    formula: String.raw`\frac{1}{N}\sum_t \mathbf{1}[\text{clip holds } t]`,
    help: 'Share of tokens whose ratio a clip holds. Always 0 with one update per batch, since the policy has not moved yet.',
  },
  {
    id: 'learning_tokens',
    label: 'tokens that learn',
    unit: '',
    when: 'step',
    size: 'small',
    range: [0, 1],
    formula: String.raw`\frac{1}{N}\sum_t \mathbf{1}[w_t A_t \ne 0]`,
    help: 'Share of tokens with a policy gradient: an advantage, and not left out by a method. Prompts whose responses all got the same reward have none.',
  },
  {
    id: 'unused_responses',
    label: 'unused responses',
    unit: '',
    when: 'step',
    size: 'small',
    range: [0, 1],
    formula: String.raw`1 - \frac{B_\text{learned}}{B_\text{sampled}}`,
    help: 'Share of the step’s sampled responses that were thrown away. Above 0 only with dynamic sampling; compare arms per response, too, not only per step.',
  },
  {
    id: 'controlled',
    label: 'controlled value',
    unit: '',
    when: 'step',
    size: 'small',
    formula: String.raw`\alpha_k`,
    help: 'The value that a method steers by itself in this step, such as the coefficient of the adaptive entropy bonus. Empty where no method does.',
  },
  {
    id: 'tokens_per_second',
    label: 'speed',
    unit: 'tokens/s',
    when: 'step',
    size: 'small',
    formula: String.raw`\text{response tokens} / \text{seconds of the step}`,
    help: 'Response tokens sampled and learned from per second of this run’s own time. A slow page or a hidden tab lowers it.',
  },
] as const satisfies readonly Metric[];

export type MetricId = (typeof METRICS)[number]['id'];
/** Column of a metric in a row of points. */
export const METRIC_INDEX = Object.fromEntries(METRICS.map((m, i) => [m.id, i])) as Record<
  MetricId,
  number
>;
