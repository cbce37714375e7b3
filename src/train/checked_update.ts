/** An update that stops a run, with the reason, where its numbers are no longer finite. */
import { readBuffer } from '../gpu/readback.ts';
import type { Engine, Loss, Policy } from '../model/engine.ts';
import { worstTensor } from '../model/layout.ts';
import { type UpdateRequest, type UpdateResult, update } from '../model/update.ts';

/**
 * A gradient that is not finite has left the parameters alone; computing it again tells which tensor was first.
 * @throws {Error} a loss or gradient that is not finite
 */
export async function checkedUpdate(
  engine: Engine,
  policy: Policy,
  loss: Loss,
  request: UpdateRequest,
  step: number,
): Promise<UpdateResult> {
  const result = await update(engine, policy, loss, request);
  if (Number.isFinite(result.loss) && Number.isFinite(result.grad_norm)) return result;
  await update(engine, policy, loss, { ...request, gradientOnly: true });
  const grad = new Float32Array(
    await readBuffer(engine.device, engine.workspace.buffer('grad'), 4 * policy.layout.size),
  );
  const where = worstTensor(policy.layout, grad);
  throw new Error(
    `step ${step}: gradient must be finite, got ${result.grad_norm} (loss ${result.loss}), first in ${where}; lower the learning rate or the coefficient`,
  );
}
