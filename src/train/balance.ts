/**
 * Coefficients that follow gradient norms while a run trains: of the policy gradient and of a regularizer alone, on the batch
 * that the step is about to learn from, under the policy before its first update. They read and leave no trace.
 */
import type { Values } from '../core/param.ts';
import { isTerm, type Method, type TermMethod } from '../methods/method.ts';
import type { Engine } from '../model/engine.ts';
import { type Compiled, compile, gradientOf, norm } from './gradients.ts';
import type { RunParts, StepBatch } from './run_parts.ts';
import { composeAlone, composePolicy } from './terms.ts';

type Balanced = TermMethod & Required<Pick<TermMethod, 'balance'>>;

export interface Balances {
  policy: Compiled;
  own: { method: Balanced; terms: Compiled }[];
}

/** Of an arm's methods; undefined where none sets its coefficient this way. */
export async function balancesOf(
  engine: Engine,
  methods: readonly Method[],
): Promise<Balances | undefined> {
  const balanced = methods.filter((m): m is Balanced => isTerm(m) && m.balance !== undefined);
  if (balanced.length === 0) return undefined;
  const policy = await compile(engine, composePolicy(methods));
  const own = balanced.map(async (method) => {
    return { method, terms: await compile(engine, composeAlone(method)) };
  });
  return { policy, own: await Promise.all(own) };
}

/**
 * What the methods set at this step, by full name; nothing where none is due.
 * @param step  counted from 1
 * @param values settings and state as the step begins
 */
export async function balancedValues(
  parts: RunParts,
  batch: StepBatch,
  step: number,
  values: Values,
): Promise<Values> {
  const { balances } = parts;
  const due = balances?.own.filter(({ method }) => (step - 1) % method.balance.every(values) === 0);
  if (!balances || !due || due.length === 0) return {};
  const policy = norm(await gradientOf(parts, batch, balances.policy, values));
  let changes: Values = {};
  for (const { method, terms } of due) {
    const { balance, id } = method;
    const alone = { ...parts, methods: [method] };
    const unit = { ...values, [`${id}.${balance.coefficient}`]: 1 };
    const norms = { policy, unit: norm(await gradientOf(alone, batch, terms, unit)) };
    changes = { ...changes, ...balance.set(norms, values) };
  }
  return changes;
}
