/** How widely each layer looks back, one row a layer: a curve each, so that layers are compared as arms are. */
import type { Metric } from './metric.ts';

/** @param layer from 1, where the tokens come in */
const layerRow = <L extends number>(layer: L) =>
  ({
    id: `attention_entropy_${layer}` as `attention_entropy_${L}`,
    label: `attention entropy, layer ${layer}`,
    unit: '',
    when: 'eval',
    size: 'off',
    range: [0, 1],
    gauge: 'attention',
    layer,
    formula: String.raw`\frac{1}{N}\sum_t \frac{-\sum_{s \le t} a_s \log a_s}{\log t},\quad a = \operatorname*{mean}_\text{heads}\,\text{of layer } ${layer}`,
    help: 'How widely the layer looks back where response tokens are written: 0 at one position, 1 at all positions alike. Near 1 it mixes everything, near 0 it only copies; it is not the entropy of the tokens.',
  }) as const satisfies Metric;

/** Of as many layers as the deepest model has. */
export const ATTENTION = [
  ...[layerRow(1), layerRow(2), layerRow(3), layerRow(4)],
  ...[layerRow(5), layerRow(6), layerRow(7), layerRow(8)],
] as const;
