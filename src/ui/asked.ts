/** Tells the engine which metrics are charted, since some are measured only while they are. */

import { METRICS, type Metric } from '../metrics/index.ts';
import type { Client } from '../worker/client.ts';
import { type View, viewStore } from './view.ts';

const COSTLY = METRICS.filter((metric: Metric) => metric.gauge !== undefined).map(({ id }) => id);

/** Of the metrics on show, those that have to be asked for. */
function askedFor({ large, small }: Pick<View, 'large' | 'small'>): string[] {
  return COSTLY.filter((id) => large.includes(id) || small.includes(id));
}

/** @returns what ends it */
export function tellAsked(client: Client): () => void {
  let told = '';
  const tell = (view: View) => {
    const metrics = askedFor(view);
    if (metrics.join() === told) return;
    told = metrics.join();
    client.send({ type: 'measure', metrics });
  };
  tell(viewStore.getState());
  return viewStore.subscribe(tell);
}
