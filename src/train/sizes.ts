/** Chooses buffer sizes for an experiment on an adapter. */

import type { ModelConfig } from '../core/model_config.ts';
import type { Values } from '../core/param.ts';
import { createLayout, type Layout } from '../model/layout.ts';
import type { Sizes } from '../model/workspace.ts';
import type { Task } from '../tasks/task.ts';

type Limits = Pick<GPUSupportedLimits, 'maxBufferSize' | 'maxStorageBufferBindingSize'>;

/** Most rows of one pass: keeps a submission short, so that the page's own drawing never waits long. */
const MOST_ROWS = 8192;
/** Most sequences sampled at once. */
const MOST_SEQUENCES = 1024;

const roundUp8 = (n: number): number => Math.ceil(n / 8) * 8;

/**
 * A batch that does not fit in one pass goes through in parts, so rows are a matter of speed; what must fit is the
 * model and one group of responses (checked by workspace.ts against the limits).
 * @param latent most latent positions of a response
 */
export function chooseSizes(
  config: ModelConfig,
  task: Task,
  values: Values,
  limits: Limits,
  software: boolean,
  latent = 0,
): Sizes {
  const layout = createLayout(config);
  const { prompt, response } = task.limits(values);
  const batch = (values['trainer.prompts'] as number) * (values['trainer.group_size'] as number);
  const binding = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  const fitting = Math.floor(binding / (4 * widestRow(layout)));
  // At least one sequence: where not even that fits, the limits' check says so by name.
  const rows = Math.max(
    roundUp8(prompt + response),
    Math.min(
      roundUp8(Math.max(batch * (prompt + response), 64)),
      MOST_ROWS,
      Math.floor(fitting / 8) * 8,
    ),
  );
  const cache = Math.floor(binding / (4 * response * 2 * layout.A));
  const sequences = Math.max(
    roundUp8(values['trainer.group_size'] as number),
    Math.min(roundUp8(Math.max(batch, 64)), MOST_SEQUENCES, Math.floor(cache / 8) * 8),
  );
  return {
    rows,
    sequences,
    response,
    positions: prompt + response,
    splits: chooseSplits(layout, software),
    ...(latent > 0 && { latent }),
    ...(values['trainer.half_gates'] && { gates: 'half' as const }),
  };
}

function widestRow(layout: Layout): number {
  return Math.max(3 * layout.A, 2 * layout.F, layout.VP);
}

/** Copies of the gradient: many for small models, whose weight gradients alone would not fill a GPU; 2 on a CPU. */
function chooseSplits(layout: Layout, software: boolean): number {
  if (software) return 2;
  return Math.max(1, Math.min(16, Math.floor(2 ** 22 / layout.size)));
}
