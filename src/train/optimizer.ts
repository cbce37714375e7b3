/** AdamW as the trainer's settings have it. */
import type { AdamSettings } from '../model/update.ts';

/** @param setting value of a full name */
export function adamSettings(setting: (name: string) => number): AdamSettings {
  const of = (name: string): number => setting(`trainer.${name}`);
  return {
    learning_rate: of('learning_rate'),
    beta1: of('beta1'),
    beta2: of('beta2'),
    eps: 1e-8,
    weight_decay: of('weight_decay'),
    max_grad_norm: of('max_grad_norm'),
  };
}
