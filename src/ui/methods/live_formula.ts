/** A method's formula with the numbers of an arm's settings in place of their symbols. Pure. */
import type { Values } from '../../core/param.ts';
import type { Method } from '../../methods/method.ts';
import { formatSetting } from '../format.ts';

const GREEK: Readonly<Record<string, readonly string[]>> = {
  α: ['\\alpha'],
  β: ['\\beta'],
  γ: ['\\gamma'],
  δ: ['\\delta'],
  ε: ['\\varepsilon', '\\epsilon'],
  ζ: ['\\zeta'],
  η: ['\\eta'],
  κ: ['\\kappa'],
  λ: ['\\lambda'],
  μ: ['\\mu'],
  τ: ['\\tau'],
  ω: ['\\omega'],
};

/** LaTeX that may stand for a setting of this label: `ε low` is `\varepsilon_\text{low}`. */
function symbolsOf(label: string): string[] {
  const [first, ...rest] = label.split(' ');
  const letter = first ?? '';
  const bases = GREEK[letter] ?? (/^[a-zA-Z]$/.test(letter) ? [letter] : []);
  if (rest.length === 0) return [...bases];
  const index = rest.join(' ');
  return bases.flatMap((base) => [`${base}_\\text{${index}}`, `${base}_{${index}}`]);
}

/** Words in the formula are left alone. */
const WORDS = /(\\(?:text|operatorname\*?|mathbf|mathrm)\s*\{[^}]*\})/;

function replaced(tex: string, symbol: string, number: string): string {
  const escaped = symbol.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const isLetter = /^[a-zA-Z]$/.test(symbol);
  const before = isLetter ? '(?<![\\\\a-zA-Z_{^])' : '';
  const pattern = new RegExp(`${before}${escaped}(?![a-zA-Z_^])`, 'g');
  // A symbol with a word as its index holds one of the stretches that are left alone.
  if (symbol.includes('\\text')) return tex.replace(pattern, number);
  return tex
    .split(WORDS)
    .map((stretch, i) => (i % 2 === 0 ? stretch.replace(pattern, number) : stretch))
    .join('');
}

const texNumber = (value: number): string =>
  formatSetting(value)
    .replaceAll('−', '-')
    .replace(/e(-?\d+)$/, '\\times 10^{$1}');

/** @returns the formula as it is where none of its symbols is a setting */
export function liveFormula(method: Method, values: Values): string {
  return Object.entries(method.params).reduce((tex, [name, param]) => {
    const value = values[`${method.id}.${name}`];
    if (param.kind !== 'number' || value === undefined) return tex;
    const number = `\\mathbf{${texNumber(value)}}`;
    return symbolsOf(param.label).reduce((text, symbol) => replaced(text, symbol, number), tex);
  }, method.formula);
}

/** What is added or maximized, without the definitions that follow it. */
export const mainOf = (formula: string): string =>
  (formula.split(/,\s*\\quad|\\quad/)[0] ?? '').trim();
