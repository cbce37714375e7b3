/** A training step in TensorFlow.js, as its documentation teaches: `variableGrads`, then its own Adam. */
import * as tf from '@tensorflow/tfjs-core';
import { ADAM, ALPHA, CLIP, OLD_LOGP, VOCABULARY as V, type Workload } from '../workload.ts';
import { forward, parametersOf, type T, tables } from './tf_model.ts';

/** Mean over all rows of the clipped objective and the entropy x advantage term. actions one-hot [rows, V], advantage [rows] → scalar */
function policyLoss(logits: T, actions: T, advantage: T): tf.Scalar {
  const logProbs = tf.logSoftmax(logits, -1);
  const logp = tf.sum(tf.mul(logProbs, actions), -1);
  const entropy = tf.neg(tf.sum(tf.mul(tf.exp(logProbs), logProbs), -1));
  const ratio = tf.exp(tf.sub(logp, OLD_LOGP));
  const held = tf.clipByValue(ratio, 1 - CLIP.low, 1 + CLIP.high);
  const clipped = tf.maximum(tf.neg(tf.mul(ratio, advantage)), tf.neg(tf.mul(held, advantage)));
  const dual = tf.minimum(clipped, tf.mul(advantage, -CLIP.dual));
  const objective = tf.where(tf.less(advantage, 0), dual, clipped);
  return tf.mean(tf.sub(objective, tf.mul(tf.mul(advantage, entropy), ALPHA))) as tf.Scalar;
}

/** A training step with all its state; resolves to the loss before the update. */
export function tfTraining(w: Workload): { step(): Promise<number> } {
  const { sequences: B, tokens: S } = w.shape;
  const oneHot = (from: number): T =>
    tf.tidy(() => {
      const ids = w.sequences.flatMap((s) => s.slice(from, from + S));
      return tf.cast(tf.oneHot(tf.tensor1d(ids, 'int32'), V), 'float32');
    });
  const [inputs, actions] = [oneHot(0), oneHot(1)];
  const advantage = tf.tensor(
    w.sequences.flatMap((_, b) => Array<number>(S).fill(w.advantages[b] as number)),
    [B * S],
  );
  const constants = tables(w);
  const parameters: Record<string, tf.Variable> = {};
  for (const [name, values] of Object.entries(parametersOf(w))) {
    parameters[name] = tf.variable(values, true, name);
    values.dispose();
  }
  const { learning_rate, beta1, beta2, eps, max_grad_norm } = ADAM;
  const adam = tf.train.adam(learning_rate, beta1, beta2, eps);
  const loss = (): tf.Scalar =>
    policyLoss(forward(w, parameters, inputs, constants), actions, advantage);
  return {
    async step() {
      const value = tf.tidy(() => {
        const { value, grads } = tf.variableGrads(loss, Object.values(parameters));
        const squares = Object.values(grads).map((g) => tf.sum(tf.square(g)));
        // Not addN: on this backend it takes a storage buffer for each of its inputs, more than adapters have.
        const norm = tf.sqrt(squares.reduce((sum, x) => tf.add(sum, x)));
        const scale = tf.minimum(1, tf.div(max_grad_norm, tf.add(norm, 1e-6)));
        const clipped = Object.entries(grads).map(([name, g]) => [name, tf.mul(g, scale)]);
        adam.applyGradients(Object.fromEntries(clipped));
        return value;
      });
      const [number] = await value.data();
      value.dispose();
      return number as number;
    },
  };
}
