/** What a term's formula is computed from at one token, and what came of it: the engine's numbers, by name. Pure. */

import type { TermInspection } from '../../core/inspection.ts';
import type { Param } from '../../core/param.ts';
import { OBJECTIVE_WEIGHT } from '../../methods/compose.ts';
import { findMethod, findParam } from '../declared.ts';
import { formatSetting, formatValue } from '../format.ts';
import type { Target } from './lens.ts';
import type { TokenReading } from './reading.ts';

/** What stands beside the token itself. */
export interface Beside {
  /** The token's own, or the slider's. */
  advantage: number;
  /** What the batch decided for this token, by column. */
  constants: Readonly<Record<string, number>>;
  /** No token was drawn there: `log p` is the mean over the mixture, and there is no ratio. */
  isLatent?: boolean;
}

export function constantsAt({ sample, position }: Target): Record<string, number> {
  const columns = Object.entries(sample.constants ?? {});
  return Object.fromEntries(
    columns.map(([column, values]) => [column, values[position] as number]),
  );
}

/** Whether a number of the batch is part of this term at all. */
export function hasConstant(term: TermInspection, constants: Beside['constants']): boolean {
  return term.weights.length > 0 || constants[term.method] !== undefined;
}

export interface Named {
  name: string;
  value: string;
}

export function numbersOf(
  term: TermInspection,
  position: number,
  token: TokenReading,
  { advantage, constants, isLatent = false }: Beside,
): Named[] {
  const objective = findMethod(term.method)?.stage === 'objective';
  const weight = objective ? constants[OBJECTIVE_WEIGHT] : undefined;
  const constant = constants[term.method];
  const [d_logp, d_entropy] = [term.d_logp[position], term.d_entropy[position]];
  return [
    ...Object.entries(term.values).map(([key, x]) => named(key, x)),
    { name: 'A', value: formatValue(advantage) },
    { name: 'H', value: formatValue(token.entropy) },
    ...(isLatent ? [] : [{ name: 'ρ', value: formatValue(token.ratio) }]),
    { name: isLatent ? 'Σ y log p' : 'log p', value: formatValue(token.logp) },
    ...(constant === undefined ? [] : [{ name: 'c', value: formatValue(constant) }]),
    ...(weight === undefined ? [] : [{ name: 'weight', value: formatValue(weight) }]),
    { name: 'loss', value: formatValue(term.loss[position]) },
    // Another functional than the entropy: there are no such two slopes.
    ...(Number.isNaN(d_logp)
      ? []
      : [
          { name: isLatent ? '∂loss/∂Σ y log p' : '∂loss/∂log p', value: formatValue(d_logp) },
          { name: '∂loss/∂H', value: formatValue(d_entropy) },
        ]),
    ...((term.bound[position] as number) > 0 ? [{ name: 'clip', value: 'holds it' }] : []),
  ];
}

function named(key: string, x: number): Named {
  const param: Param | undefined = findParam(key);
  const name = param?.label ?? key.slice(key.indexOf('.') + 1);
  if (param?.kind === 'switch') return { name, value: x ? 'on' : 'off' };
  if (param?.kind === 'choice') return { name, value: param.options[x]?.label ?? formatSetting(x) };
  return { name, value: formatSetting(x) };
}
