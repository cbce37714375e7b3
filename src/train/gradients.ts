/** Gradients of parts of the loss in all parameters, without an update: what strengths are matched and measured by. */
import type { Values } from '../core/param.ts';
import { readBuffer } from '../gpu/readback.ts';
import type { Composed } from '../methods/compose.ts';
import { currentStats } from '../model/current.ts';
import type { Engine, Loss } from '../model/engine.ts';
import { update } from '../model/update.ts';
import type { RunParts, StepBatch } from './run_parts.ts';
import { updateParts } from './update_parts.ts';

/** Not used: a gradient alone reaches no optimizer. */
const NO_ADAM = { learning_rate: 0, beta1: 0, beta2: 0, eps: 1, weight_decay: 0, max_grad_norm: 1 };

/** Terms with their compiled loss. */
export interface Compiled {
  composed: Composed;
  loss: Loss;
}

export const compile = async (engine: Engine, composed: Composed): Promise<Compiled> => ({
  composed,
  loss: await engine.createLoss(composed),
});

/**
 * Of the terms on the whole batch, as one update would take it: mean over the trainer's aggregate, before clipping.
 * @param parts of the run: its policy as it is, its methods
 * @param values settings and state by full name
 * @returns [policy.layout.size], 0 where the layout is padded and for a value head, whose loss is left out
 */
export async function gradientOf(
  { engine, policy, base, methods }: Pick<RunParts, 'engine' | 'policy' | 'base' | 'methods'>,
  batch: StepBatch,
  { composed, loss }: Compiled,
  values: Values,
): Promise<Float32Array> {
  engine.setValues(
    loss,
    composed.fields.map((field) => values[field] as number),
  );
  // Draws of the step's first update, so that what is random in a method is what that update had.
  const tokens = { ...batch.tokens, counter: [...batch.tokens.counter, 0] };
  const temperature = values['trainer.temperature'] as number;
  const request = { judged: batch.responses, tokens, methods, values };
  if (composed.reads.length > 0) {
    const { parts } = updateParts(engine, request);
    const { rows } = await currentStats(engine, policy, parts, temperature, { loss });
    request.tokens = { ...tokens, rows };
  }
  // As the step's first update will have it: what methods take from its tokens before anything is made of them.
  for (const method of methods) {
    request.values = { ...request.values, ...method.observe?.(request.tokens, request.values) };
  }
  engine.setValues(
    loss,
    composed.fields.map((field) => request.values[field] as number),
  );
  const { parts } = updateParts(engine, { ...request, composed });
  await update(engine, policy, loss, {
    ...{ parts, temperature },
    reference: composed.needs.has('ref_logp') ? base : undefined,
    adam: NO_ADAM,
    updateNumber: 1,
    gradientOnly: true,
  });
  const bytes = 4 * policy.layout.size;
  return new Float32Array(await readBuffer(engine.device, engine.workspace.buffer('grad'), bytes));
}

/** Inner product in float64. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

export const norm = (a: ArrayLike<number>): number => Math.sqrt(dot(a, a));

/** NaN where one of them is 0. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return dot(a, b) / (norm(a) * norm(b));
}
