/** Parts of the gradient apart: what reward asks for, what the regularizers ask for, and whether they agree. */
import type { Metric } from './metric.ts';

export const GRADIENTS = {
  policy_grad_norm: {
    id: 'policy_grad_norm',
    label: 'policy gradient',
    unit: '',
    when: 'eval',
    size: 'off',
    gauge: 'gradients',
    formula: String.raw`\lVert \nabla_\theta L_\text{objective} \rVert_2`,
    help: 'Norm of the gradient of the objective alone, on the whole batch of a step before its updates and before clipping. It falls to 0 when every group agrees.',
  },
  regularizer_grad_norm: {
    id: 'regularizer_grad_norm',
    label: 'regularizer gradient',
    unit: '',
    when: 'eval',
    size: 'off',
    gauge: 'gradients',
    formula: String.raw`\lVert \nabla_\theta L_\text{regularizers} \rVert_2`,
    help: 'Norm of the gradient of all regularizers of the arm together, at their coefficients, on the same batch. Above the policy gradient’s, the regularizer leads; 0 without one.',
  },
  grad_cosine: {
    id: 'grad_cosine',
    label: 'cosine of the two gradients',
    unit: '',
    when: 'eval',
    size: 'off',
    range: [-1, 1],
    gauge: 'gradients',
    formula: String.raw`\frac{\langle g_\text{objective},\, g_\text{regularizers} \rangle}{\lVert g_\text{objective} \rVert\, \lVert g_\text{regularizers} \rVert}`,
    help: 'Whether the regularizer pulls where reward pulls (1), across (0) or against it (−1). Empty where one of the two gradients is 0.',
  },
} as const satisfies Readonly<Record<string, Metric>>;
