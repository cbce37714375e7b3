/** Settings of the training loop, shared by all arms of an experiment. Full names begin with `trainer.`. */
import { AGGREGATES } from './aggregate.ts';
import type { Params } from './param.ts';

export const TRAINER_PARAMS = {
  steps: {
    kind: 'number', label: 'steps', default: 100, min: 1, max: 10000, integer: true, scale: 'log',
    help: 'RL steps of each run. A step samples one batch of responses and learns from it.',
  },
  prompts: {
    kind: 'number', label: 'prompts per step', default: 32, min: 1, max: 512, integer: true, scale: 'log', restarts: true,
    help: 'Different problems in one step. Fewer make a step faster and its gradient noisier.',
  },
  group_size: {
    kind: 'number', label: 'responses per prompt (G)', default: 8, min: 2, max: 64, integer: true, restarts: true,
    help: 'Responses sampled for each prompt; a response is judged against the others of its group.',
  },
  learning_rate: {
    kind: 'number', label: 'learning rate', default: 5e-4, min: 1e-6, max: 1e-1, scale: 'log',
    help: 'AdamW step size. Too large a value breaks training whatever the regularizer.',
  },
  epochs: {
    kind: 'number', label: 'epochs per batch', default: 1, min: 1, max: 16, integer: true,
    help: 'How often each batch is gone through. Above 1 the policy moves away from the one that sampled.',
  },
  minibatches: {
    kind: 'number', label: 'minibatches', default: 1, min: 1, max: 64, integer: true,
    help: 'Updates per epoch: the batch is cut into this many parts of whole prompts. With 1 epoch and 1 minibatch no clip can act.',
  },
  aggregate: {
    kind: 'choice', label: 'loss aggregation', default: 0, options: AGGREGATES,
    help: 'How the losses of tokens become one number; it decides how much long responses weigh.',
  },
  temperature: {
    kind: 'number', label: 'temperature', default: 1, min: 0.1, max: 2,
    help: 'Sampling temperature of training and evaluation; log-probabilities and entropies use the same.',
  },
  beta1: { kind: 'number', label: 'Adam β₁', default: 0.9, min: 0, max: 0.999, help: 'Decay of the mean of gradients.' },
  beta2: { kind: 'number', label: 'Adam β₂', default: 0.98, min: 0, max: 0.9999, help: 'Decay of the mean of squared gradients.' },
  weight_decay: {
    kind: 'number', label: 'weight decay', default: 0, min: 0, max: 1,
    help: 'Decoupled weight decay of AdamW, on every tensor.',
  },
  max_grad_norm: {
    kind: 'number', label: 'gradient clip', default: 1, min: 0.01, max: 1000, scale: 'log',
    help: 'The gradient is scaled down to this global norm when it is larger.',
  },
  eval_every: {
    kind: 'number', label: 'evaluate every', default: 10, min: 1, max: 1000, integer: true, unit: 'steps',
    help: 'Steps between evaluations on held-out prompts. An evaluation costs about as much as a few steps.',
  },
  eval_prompts: {
    kind: 'number', label: 'held-out prompts', default: 96, min: 4, max: 1024, integer: true,
    help: 'Fixed held-out prompts, 8 responses each, the same for all runs and times.',
  },
} as const satisfies Params;
