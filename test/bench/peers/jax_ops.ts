/** Single operations in jax-js: matmul, the policy loss with its gradient, AdamW. Each resolves when the GPU is done. */
import * as jax from '@jax-js/jax';
import { ADAM } from '../workload.ts';
import type { A } from './jax_model.ts';
import { policyLoss } from './jax_training.ts';

const { numpy: np } = jax;

const arrayOf = (values: Float32Array, ...shape: number[]): A => np.array(values).reshape(shape);

const done = async (...outputs: A[]): Promise<void> => {
  await jax.blockUntilReady(outputs);
  for (const output of outputs) output.dispose();
};

/** a [M, K] · b [K, N], either given transposed. */
export function jaxMatmul(
  kind: 'nn' | 'nt' | 'tn',
  a: Float32Array,
  b: Float32Array,
  [M, K, N]: readonly [number, number, number],
): { run(): Promise<void>; read(): Promise<Float32Array> } {
  const [x, y] = [
    kind === 'tn' ? arrayOf(a, K, M) : arrayOf(a, M, K),
    kind === 'nt' ? arrayOf(b, N, K) : arrayOf(b, K, N),
  ];
  const multiply = jax.jit((x: A, y: A) =>
    np.matmul(kind === 'tn' ? np.transpose(x) : x, kind === 'nt' ? np.transpose(y) : y),
  );
  return {
    run: () => done(multiply(x.ref, y.ref)),
    read: async () => (await multiply(x.ref, y.ref).data()) as Float32Array,
  };
}

/** logits [N, V]; actions, advantages [N] */
export function jaxLoss(
  logits: Float32Array,
  actions: Uint32Array,
  advantages: Float32Array,
): { run(): Promise<void>; value(): Promise<number> } {
  const N = actions.length;
  const V = logits.length / N;
  const z = arrayOf(logits, N, V);
  const names = np.arange(V).astype(np.int32).reshape([1, V]);
  const taken = np.array(Int32Array.from(actions)).reshape([N, 1]);
  const weights = arrayOf(advantages, N, 1);
  const both = jax.jit((z: A, taken: A, names: A, weights: A) => {
    const hot = np.equal(names, taken).astype(np.float32);
    return jax.valueAndGrad(policyLoss)(z, hot, weights);
  });
  const call = (): [A, A] => both(z.ref, taken.ref, names.ref, weights.ref) as [A, A];
  return {
    run: () => done(...call()),
    async value() {
      const [value, gradient] = call();
      gradient.dispose();
      return (await value.data())[0] as number;
    },
  };
}

/** Clip by the global norm and AdamW on one flat array. */
export function jaxAdamW(
  theta: Float32Array,
  gradient: Float32Array,
): { run(): Promise<void>; first(count: number): Promise<number[]> } {
  const { learning_rate, beta1, beta2, eps, max_grad_norm } = ADAM;
  const grad = np.array(gradient);
  const step = jax.jit((p: A, g: A, m: A, v: A) => {
    const norm = np.sqrt(np.square(g.ref).sum());
    const clipped = g.mul(np.minimum(np.array(1), np.array(max_grad_norm).div(norm.add(1e-6))));
    const m1 = m.mul(beta1).add(clipped.ref.mul(1 - beta1));
    const v1 = v.mul(beta2).add(np.square(clipped).mul(1 - beta2));
    const p1 = p.sub(m1.ref.mul(learning_rate).div(np.sqrt(v1.ref).add(eps)));
    return [p1, m1, v1];
  });
  let state = [np.array(theta), np.zeros([theta.length]), np.zeros([theta.length])] as [A, A, A];
  return {
    async run() {
      const [p, m, v] = state;
      state = step(p, grad.ref, m, v) as [A, A, A];
      await jax.blockUntilReady(state);
    },
    /** The first parameters after the first step. */
    async first(count) {
      await this.run();
      return [...(await state[0].ref.slice([0, count]).data())];
    },
  };
}
