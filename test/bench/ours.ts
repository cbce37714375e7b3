/** The workload on our engine, through what a trainer calls. */

import type { openDevice } from '../../src/gpu/device.ts';
import { composeMethods } from '../../src/methods/compose.ts';
import { METHODS } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';
import { packBatch } from '../../src/model/batch.ts';
import { Engine, type Loss, type Policy } from '../../src/model/engine.ts';
import { type Response, rollout } from '../../src/model/generate.ts';
import type { RolloutVariant } from '../../src/model/rollout_variants.ts';
import { update } from '../../src/model/update.ts';
import { ADAM, ALPHA, CLIP, OLD_LOGP, type Shape, VOCABULARY, type Workload } from './workload.ts';

export type Opened = Awaited<ReturnType<typeof openDevice>>;

export interface Ours {
  engine: Engine;
  policy: Policy;
  loss: Loss;
  /** A training step; resolves to the loss before the update. */
  step(): Promise<number>;
  /** `tokens` tokens for every sequence from its prompt. */
  sample(step: number): Promise<Response[]>;
}

export async function openOurs(
  { device, software }: Opened,
  w: Workload<Omit<Shape, 'model'>>,
  variant: RolloutVariant = 'loop',
): Promise<Ours> {
  const { sequences: B, tokens } = w.shape;
  const whole = (n: number): number => 8 * Math.ceil(n / 8);
  const sizes = {
    rows: whole(B * (tokens + 1)),
    sequences: whole(B),
    response: tokens,
    positions: tokens + 1,
    splits: software ? 2 : 16,
    rollout: variant,
  };
  // An id that is never drawn ends a response: all are of full length.
  const engine = await Engine.create(device, w.config, VOCABULARY, sizes);
  const policy = engine.createPolicy(w.flat);
  const ids = ['ppo_clip', 'ib_entropy'];
  const composed = composeMethods(ids.map((id) => METHODS.get(id) as Method));
  const loss = await engine.createLoss(composed);
  const values: Record<string, number> = {
    'ppo_clip.eps_low': CLIP.low,
    'ppo_clip.eps_high': CLIP.high,
    'ppo_clip.dual': CLIP.dual,
    'ib_entropy.alpha': ALPHA,
  };
  engine.setValues(
    loss,
    composed.fields.map((field) => values[field] as number),
  );
  const parts = [
    packBatch(
      w.sequences.map((s, b) => ({
        prompt: s.slice(0, 1),
        response: s.slice(1),
        weight: 1 / (B * tokens),
        advantage: w.advantages[b] as number,
        old_logp: Array(tokens).fill(OLD_LOGP),
      })),
    ),
  ];
  let updateNumber = 0;
  return {
    engine,
    policy,
    loss,
    async step() {
      updateNumber += 1;
      const request = { parts, temperature: 1, adam: ADAM, updateNumber };
      return (await update(engine, policy, loss, request)).loss;
    },
    sample: (step) =>
      rollout(engine, policy, {
        prompts: w.sequences.map((s) => s.slice(0, 1)),
        groupSize: 1,
        temperature: 1,
        seed: 0,
        stream: 3,
        step,
      }),
  };
}
