/** From the engine's numbers for one token to what stands in the microscope: rows, pushes, words. Pure. */
import type { ResponseInspection, TermInspection } from '../../core/inspection.ts';
import { findMethod } from '../declared.ts';
import { formatSetting } from '../format.ts';

export type Direction = 'up' | 'down' | 'none';

/** Rows of the table before the rest is put together. */
export const MOST_ROWS = 8;
/** Below, in nats per unit of step, a push is called none. */
const NOTHING = 1e-9;

/** The likeliest tokens first; the taken one and EOS are always among them. */
export function shownTokens(
  probabilities: ArrayLike<number>,
  always: readonly number[],
  most = MOST_ROWS,
): number[] {
  const byChance = Array.from(probabilities, (_, id) => id).sort(
    (a, b) => (probabilities[b] as number) - (probabilities[a] as number) || a - b,
  );
  const kept = new Set(always);
  for (const id of byChance) if (kept.size < Math.min(most, byChance.length)) kept.add(id);
  return byChance.filter((id) => kept.has(id));
}

/** [V] how a step of gradient descent moves the logits: minus the gradient, at one token. */
export function pushOf(term: TermInspection, position: number, V: number): number[] {
  return Array.from(term.gradient.subarray(position * V, (position + 1) * V), (g) => -g || 0);
}

export function sumOf(pushes: readonly number[][], V: number): number[] {
  return Array.from({ length: V }, (_, v) => pushes.reduce((sum, p) => sum + (p[v] as number), 0));
}

/** Change of the token's entropy for a small step along the push: Σ ∂H/∂z · push, in nats per unit of step. */
export function entropyChange(
  probabilities: ArrayLike<number>,
  entropy: number,
  push: readonly number[],
  temperature: number,
): number {
  return push.reduce((sum, move, v) => {
    const p = probabilities[v] as number;
    return p > 0 ? sum - (p * (Math.log(p) + entropy) * move) / temperature : sum;
  }, 0);
}

export function directionOf(change: number): Direction {
  if (!(Math.abs(change) > NOTHING)) return 'none';
  return change > 0 ? 'up' : 'down';
}

/** `naive pushes up, IB pushes down` in a sentence; what agrees is put together. */
export function inWords(parts: readonly { name: string; direction: Direction }[]): string {
  const names = (direction: Direction) =>
    parts.filter((part) => part.direction === direction).map(({ name }) => name);
  const [up, down, none] = [names('up'), names('down'), names('none')];
  const join = (list: string[]) => list.join(' and ');
  const verb = (list: string[]) => (list.length > 1 ? 'push' : 'pushes');
  const said = [
    up.length > 0 ? `${join(up)} ${verb(up)} up` : '',
    down.length > 0 ? `${join(down)} ${verb(down)} down` : '',
    none.length > 0 ? `${join(none)} ${none.length > 1 ? 'do' : 'does'} nothing` : '',
  ].filter(Boolean);
  return said.join(', ');
}

/** Short names of terms; the two of the page's question by the names it has for them. */
const SHORT: Record<string, string> = { entropy_bonus: 'naive', ib_entropy: 'IB' };

export function shortName(method: string): string {
  const found = findMethod(method);
  if (found?.stage === 'objective') return 'policy';
  return SHORT[method] ?? found?.label ?? method;
}

/** `α 0.2`: the first setting, for telling terms of one method apart. */
export function coefficientOf(term: TermInspection): string {
  const method = findMethod(term.method);
  if (term.weights.length > 0) return `× ${term.weights.map(shortName).join(' × ')}`;
  if (!method || method.stage === 'objective') return '';
  const [name, param] = Object.entries(method.params)[0] ?? [];
  const value = term.values[`${term.method}.${name}`];
  return param && value !== undefined ? `${param.label} ${formatSetting(value)}` : '';
}

export interface TokenReading {
  /** [V] */
  probabilities: Float32Array;
  entropy: number;
  logp: number;
  ratio: number;
  p_eos: number;
}

export function readToken(seen: ResponseInspection, position: number, V: number): TokenReading {
  return {
    probabilities: seen.probabilities.subarray(position * V, (position + 1) * V),
    entropy: seen.entropy[position] as number,
    logp: seen.logp[position] as number,
    ratio: seen.ratio[position] as number,
    p_eos: seen.p_eos[position] as number,
  };
}
