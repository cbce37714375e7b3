/** The information plane of the responses to the held-out prompts; measured where the trainer is told to. */
import type { Metric } from './metric.ts';

export const INFORMATION = {
  info_answer: {
    id: 'info_answer',
    label: 'I(response; answer)',
    unit: 'nats',
    when: 'eval',
    size: 'off',
    setting: 'information',
    readsAnswers: true,
    formula: String.raw`I(r;a) = H(a) - \mathbb{E}_r[H(a\mid r)]`,
    help: 'What a response tells about the answer: how much surer the model is of its answer after the reasoning than over all problems. It rises as reasoning becomes useful; with ten equally frequent answers it is at most 2.30.',
  },
  info_prompt: {
    id: 'info_prompt',
    label: 'I(prompt; response)',
    unit: 'nats',
    when: 'eval',
    size: 'off',
    setting: 'information',
    formula: String.raw`I(q;r) \approx \mathbb{E}\Big[\log\frac{\pi(r\mid q)}{\frac1M\sum_{j=1}^{M}\pi(r\mid q_j)}\Big] \le \log M`,
    help: 'How much of its prompt a response gives away, each scored under M held-out prompts. The estimate is too low, and never above log M; more prompts lower the bias. Not measured where responses begin with latent positions: a mixture has no probability under another prompt.',
  },
  response_entropy: {
    id: 'response_entropy',
    label: 'H(response)',
    unit: 'nats',
    when: 'eval',
    size: 'off',
    setting: 'information',
    formula: String.raw`H(r) \approx -\mathbb{E}\Big[\log\frac1M\sum_{j=1}^{M}\pi(r\mid q_j)\Big]`,
    help: 'Entropy of whole responses over all prompts. IB’s derivation assumes that training leaves it as it was; this curve shows whether it does, as far as M prompts can tell: it is estimated too low.',
  },
} as const satisfies Readonly<Record<string, Metric>>;
