/** What a metric is, its formula, and how the picture was made of it. */
import { Suspense } from 'react';
import type { Metric } from '../../metrics/index.ts';
import { GAUGE_COST } from '../../metrics/metric.ts';
import { Formula } from '../controls/Formula.tsx';
import { Help } from '../controls/Help.tsx';
import { Terms } from '../glossary/Terms.tsx';
import { useView } from '../view.ts';

export function MetricHelp({ metric }: { metric: Metric }) {
  const window = useView((view) => view.window);
  return (
    <Help of={metric.label} width={340}>
      <p>
        <Terms text={metric.help} except={`metric.${metric.id}`} />
      </p>
      <Suspense fallback={<div style={{ minHeight: 44 }} />}>
        <Formula tex={metric.formula} />
      </Suspense>
      <p className="quiet small">
        Measured {metric.when === 'step' ? 'at every step' : 'at evaluations only'}.
        {metric.gauge && ` ${GAUGE_COST[metric.gauge]}`}
        {window > 1 &&
          ` The curve is a moving average over ${window} steps; the numbers above it are as measured.`}
      </p>
    </Help>
  );
}
