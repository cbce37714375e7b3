/** A training step in jax-js, as its documentation teaches: one `jit` around loss, gradient, clip and AdamW. */
import * as jax from '@jax-js/jax';
import { ADAM, ALPHA, CLIP, OLD_LOGP, VOCABULARY as V, type Workload } from '../workload.ts';
import { type A, forward, type Params, paramsOf, ropeTables } from './jax_model.ts';

const { numpy: np, nn, tree } = jax;
type Moments = { m: Params; v: Params };

/** Mean over all rows of the clipped objective and the entropy × advantage term. actions one-hot [.., V], advantage [.., 1] → scalar */
export function policyLoss(logits: A, actions: A, advantage: A): A {
  const logProbs = nn.logSoftmax(logits, -1);
  const logp = logProbs.ref.mul(actions).sum(-1, { keepdims: true });
  const entropy = np.exp(logProbs.ref).mul(logProbs).sum(-1, { keepdims: true }).neg();
  const ratio = np.exp(logp.sub(OLD_LOGP));
  const plain = ratio.ref.mul(advantage.ref);
  const held = np.clip(ratio, 1 - CLIP.low, 1 + CLIP.high).mul(advantage.ref);
  const clipped = np.maximum(plain.neg(), held.neg());
  const dual = np.minimum(clipped.ref, advantage.ref.mul(-CLIP.dual));
  const objective = np.where(np.less(advantage.ref, 0), dual, clipped);
  return objective.sub(advantage.mul(entropy).mul(ALPHA)).mean();
}

/** A training step with all its state; resolves to the loss before the update. */
export function jaxTraining(w: Workload): { step(): Promise<number>; parameters(): Params } {
  const { sequences, tokens } = w.shape;
  const ids = (from: number): A =>
    nn.oneHot(
      np
        .array(Int32Array.from(w.sequences.flatMap((s) => s.slice(from, from + tokens))))
        .reshape([sequences, tokens]),
      V,
    );
  const inputs = ids(0);
  const actions = ids(1);
  const advantage = np.array(w.advantages).reshape([sequences, 1, 1]);
  const rope = ropeTables(w, tokens);
  const { learning_rate, beta1, beta2, eps, max_grad_norm } = ADAM;
  const loss = (p: Params, x: A, a: A, adv: A, cos: A, sin: A): A =>
    policyLoss(forward(w, p, x, { cos, sin }), a, np.broadcastTo(adv, [sequences, tokens, 1]));
  const update = jax.jit(
    (p: Params, s: Moments, c1: A, c2: A, x: A, a: A, adv: A, cos: A, sin: A) => {
      const [value, grads] = jax.valueAndGrad(loss)(tree.ref(p), x, a, adv, cos, sin);
      const squares = tree.leaves(tree.ref(grads)).map((g) => np.square(g as A).sum());
      const norm = np.sqrt(squares.reduce((x, y) => x.add(y)));
      const scale = np.minimum(np.array(1), np.array(max_grad_norm).div(norm.add(1e-6)));
      const g = tree.map((x: A) => x.mul(scale.ref), grads) as Params;
      scale.dispose();
      const m = tree.map((m: A, g: A) => m.mul(beta1).add(g.mul(1 - beta1)), s.m, tree.ref(g));
      const v = tree.map((v: A, g: A) => v.mul(beta2).add(np.square(g).mul(1 - beta2)), s.v, g);
      const next = tree.map(
        (p: A, m: A, v: A) =>
          p.sub(
            m
              .div(c1.ref)
              .mul(learning_rate)
              .div(np.sqrt(v.div(c2.ref)).add(eps)),
          ),
        p,
        tree.ref(m),
        tree.ref(v),
      );
      c1.dispose();
      c2.dispose();
      return { value, next, m, v };
    },
  );
  let params = paramsOf(w);
  let moments: Moments = {
    m: tree.map((x: A) => np.zerosLike(x), tree.ref(params)) as Params,
    v: tree.map((x: A) => np.zerosLike(x), tree.ref(params)) as Params,
  };
  let n = 0;
  return {
    parameters: () => params,
    async step() {
      n += 1;
      const corrections = [1 - beta1 ** n, 1 - beta2 ** n].map((c) => np.array(c)) as [A, A];
      const out = update(
        params,
        moments,
        ...corrections,
        inputs.ref,
        actions.ref,
        advantage.ref,
        rope.cos.ref,
        rope.sin.ref,
      ) as unknown as { value: A; next: Params; m: Params; v: Params };
      params = out.next;
      moments = { m: out.m, v: out.v };
      return (await out.value.data())[0] as number;
    },
  };
}
