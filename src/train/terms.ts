/** Parts of an arm's loss alone: one term, what reward pays for, or what the regularizers add. */
import { type Composed, composeMethods, SUPERVISED } from '../methods/compose.ts';
import type { Method, TermMethod, WeightMethod } from '../methods/method.ts';

/** Stands in for the objective where regularizers are looked at alone. */
const NOTHING: TermMethod = {
  ...SUPERVISED,
  id: 'nothing',
  wgsl: 'fn nothing(t: Token) -> Term { return Term(0.0, 0.0, 0.0, 0.0); }',
};

/** The mean entropy itself, as if it were a loss: its gradient tells where entropy goes. */
export const ENTROPY: TermMethod = {
  ...SUPERVISED,
  id: 'mean_entropy',
  wgsl: 'fn mean_entropy(t: Token) -> Term { return Term(t.entropy, 0.0, 1.0, 0.0); }',
};

/** The text of one term alone; its columns are what a look at it needs of the batch. */
export function composeAlone(method: TermMethod, weights: readonly WeightMethod[] = []): Composed {
  return composeMethods(method.stage === 'objective' ? [method, ...weights] : [NOTHING, method]);
}

/** The objective with the weights of its tokens. */
export function composePolicy(methods: readonly Method[]): Composed {
  return composeMethods(methods.filter(({ stage }) => stage !== 'regularizer'));
}

/** What is added to the objective, whatever the weights. */
export function composeRegularizers(methods: readonly Method[]): Composed {
  return composeMethods([NOTHING, ...methods.filter(({ stage }) => stage === 'regularizer')]);
}
