/** What only the task guess_or_think measures: whether the model thinks, and whether thinking helps it. */
import type { Metric } from './metric.ts';

const task = 'guess_or_think';

export const THINKING = {
  think_share: {
    id: 'think_share',
    label: 'responses that think',
    unit: '',
    when: 'step',
    size: 'large',
    range: [0, 1],
    task,
    formula: String.raw`\frac{1}{B}\sum_i \mathbf{1}[o_{i,1} \text{ is a digit}]`,
    help: 'Share of responses that write something before they answer. Where it is 0, thinking is never rewarded, however well it would pay, and never practiced.',
  },
  think_success: {
    id: 'think_success',
    label: 'success when thinking',
    unit: '',
    when: 'step',
    size: 'large',
    range: [0, 1],
    task,
    formula: String.raw`\frac{\sum_i \mathbf{1}[\text{thinks}]\,\mathbf{1}[\text{answer right}]}{\sum_i \mathbf{1}[\text{thinks}]}`,
    help: 'Share of right answers among the responses that think; no point where none does. Thinking takes over once this passes what the guess earns, the share of problems whose answer is 0.',
  },
  eval_hard_accuracy: {
    id: 'eval_hard_accuracy',
    label: 'accuracy, answer not 0',
    unit: '',
    when: 'eval',
    size: 'large',
    range: [0, 1],
    task,
    formula: String.raw`\operatorname{mean}\,\mathbf{1}[\text{answer right}] \text{ over held-out problems whose answer is not } 0`,
    help: 'Held-out accuracy where the shortcut fails: on the problems whose answer is not 0. A policy that always answers 0 has none, however good its accuracy looks.',
  },
  decorative_thinking: {
    id: 'decorative_thinking',
    label: 'decorative thinking',
    unit: '',
    when: 'step',
    size: 'small',
    range: [0, 1],
    task,
    formula: String.raw`\frac{\sum_i \mathbf{1}[\text{thinks, answers}]\,\mathbf{1}[\text{answer} \ne \text{last running sum}]}{\sum_i \mathbf{1}[\text{thinks, answers}]}`,
    help: 'Among responses that think and then answer: share whose answer is not the last running sum that they wrote. With a large entropy bonus responses grow long while the answer stays the guess, so length and entropy are no sign of reasoning.',
  },
} as const satisfies Readonly<Record<string, Metric>>;
