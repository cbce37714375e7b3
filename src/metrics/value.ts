/** What the value head of PPO does. */
import type { Metric } from './metric.ts';

export const VALUE = {
  explained_variance: {
    id: 'explained_variance',
    label: 'explained variance',
    unit: '',
    when: 'step',
    size: 'small',
    needs: 'value',
    formula: String.raw`1 - \frac{\operatorname{Var}_t(\hat R_t - V(s_t))}{\operatorname{Var}_t(\hat R_t)}`,
    help: 'How much of the returns the value head foresaw when the responses were sampled: 1 all of it, 0 no more than their mean, below 0 worse than that. It begins at 0 and should rise; it is empty where all returns are the same.',
  },
  value_loss: {
    id: 'value_loss',
    label: 'value loss',
    unit: '',
    when: 'step',
    size: 'small',
    needs: 'value',
    formula: String.raw`\frac{1}{2N}\sum_t \max\bigl((V-\hat R)^2,\; (\operatorname{clip}(V, V_\text{old} \pm \varepsilon) - \hat R)^2\bigr)`,
    help: 'Half the squared error of the value head, aggregated like the policy loss, mean over the updates of a step, before its coefficient. It falls first while the head learns; where all rewards become the same it goes to 0.',
  },
  value_clip_fraction: {
    id: 'value_clip_fraction',
    label: 'clipped values',
    unit: '',
    when: 'step',
    size: 'small',
    needs: 'value',
    range: [0, 1],
    formula: String.raw`\frac{1}{N}\sum_t \mathbf{1}[\text{value clip holds } t]`,
    help: 'Share of tokens whose value has moved so far from where it was when sampled that the value clip holds it. Always 0 with one update per batch.',
  },
} as const satisfies Record<string, Metric>;
