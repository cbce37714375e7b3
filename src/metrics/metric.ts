/** What a metric is: a chart, a CSV column and a help text are one declaration. */

/** A measurement that takes passes of its own: done at evaluations, and only where one of its metrics is asked for. */
export type Gauge = 'gradients' | 'change' | 'attention';

export interface Metric {
  id: string;
  label: string;
  unit: string;
  /** How often a value exists: at every step, or only at evaluations. */
  when: 'step' | 'eval';
  /** LaTeX. */
  formula: string;
  /** Definition and what to expect, two sentences. */
  help: string;
  /** Natural range of the axis where there is one. */
  range?: readonly [number, number];
  /** Large charts first, the others smaller below; `off` ones are shown when somebody chooses them. */
  size: 'large' | 'small' | 'off';
  /** The task that measures it (`measures` in its file), where only one does; nobody else has its chart or column. */
  task?: string;
  /** Exists only where an active method needs this, or has a state (methods/method.ts); elsewhere it has no chart. */
  needs?: 'value' | 'hint_entropy' | 'latent' | 'state';
  /** Exists only for tasks whose answers are of one token; elsewhere it has no chart. */
  readsAnswers?: true;
  /** Exists only in models that have this layer, counted from 1; elsewhere it has no chart. */
  layer?: number;
  /** The trainer's switch, by short name, without which it is not measured, where it costs something. */
  setting?: 'information';
  /** The measurement that it comes from, where that costs something. */
  gauge?: Gauge;
}

/** What a gauge costs, for the help of its metrics. */
export const GAUGE_COST: Readonly<Record<Gauge, string>> = {
  gradients:
    'Costs two more forward and backward passes over the batch, and two gradients read back, at each evaluation. Measured only while it is charted.',
  change:
    'Costs one backward and three forward passes over the batch, and gradient, parameters and logits read back, at each evaluation. Measured only while it is charted.',
  attention:
    'Costs one more forward pass over the batch, and a read-back a layer, at each evaluation. Measured only while it is charted.',
};
