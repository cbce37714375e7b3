/**
 * A term's formula with this token's numbers in it, as LaTeX, where it is a product that one can follow; of others the
 * value alone, beside the numbers it comes from (numbers.ts). The value at the end is the engine's.
 */
import type { TermInspection } from '../../core/inspection.ts';
import { findMethod } from '../declared.ts';
import { formatSetting, formatValue } from '../format.ts';
import type { Beside } from './numbers.ts';
import type { TokenReading } from './reading.ts';

/** Negative numbers in parentheses, powers of ten as such. */
function tex(text: string): string {
  const plain = text.replace('−', '-').replace(/e\+?(−|-)?(\d+)/, (_, sign, n) => {
    return `\\times 10^{${sign ? '-' : ''}${n}}`;
  });
  return plain.startsWith('-') ? `(${plain})` : plain;
}

const value = (x: number): string => tex(formatValue(x));
const bare = (x: number): string => value(x).replace(/^\((.*)\)$/, '$1');

export function filledFormula(
  term: TermInspection,
  position: number,
  token: TokenReading,
  { advantage, constants, isLatent = false }: Beside,
): string {
  const loss = bare(term.loss[position] as number);
  const setting = (name: string): string =>
    tex(formatSetting(term.values[`${term.method}.${name}`] as number));
  const [A, H, rho] = [value(advantage), value(token.entropy), value(token.ratio)];
  const times = (symbols: string, ...factors: string[]): string =>
    `${symbols} = -${factors.join('\\cdot ')} = ${loss}`;
  const c = value(constants[term.method] as number);
  // The weights of a batch come on top: the loss is the weighed one.
  if (term.weights.length > 0) return `L = ${loss}`;
  if (isLatent && findMethod(term.method)?.stage === 'objective') {
    return times(LATENT_FORMULA, A, value(token.logp));
  }
  switch (term.method) {
    case 'ppo_clip':
      return (term.bound[position] as number) > 0
        ? String.raw`-A\operatorname{clip}(\rho) = ${loss}\quad(\rho = ${rho}\text{ is held})`
        : String.raw`-A\,\rho = -${A}\cdot ${rho} = ${loss}`;
    case 'entropy_bonus':
      return times(String.raw`-\alpha\,H`, setting('alpha'), H);
    case 'ib_entropy':
      return times(String.raw`-\alpha\,A\,H`, setting('alpha'), A, H);
    case 'abs_entropy':
      return times(String.raw`-\alpha\,|A|\,H`, setting('alpha'), value(Math.abs(advantage)), H);
    case 'adaptive_entropy':
      return term.values['adaptive_entropy.weight'] === 1
        ? times(String.raw`-\alpha_k\,A\,H`, setting('applied'), A, H)
        : times(String.raw`-\alpha_k\,H`, setting('applied'), H);
    case 'balanced_entropy':
      return term.values['balanced_entropy.weight'] === 1
        ? times(String.raw`-\alpha_k\,H`, setting('coefficient'), H)
        : times(String.raw`-\alpha_k\,A\,H`, setting('coefficient'), A, H);
    case 'ibro':
      return String.raw`c\,\lambda\,H = ${[setting('c'), c, H].join('\\cdot ')} = ${loss}`;
    case 'gated_entropy':
      return times(String.raw`-\alpha\,c\,H`, setting('alpha'), c, H);
    case 'shuffled_entropy':
      return times(String.raw`-\alpha\,A_{\sigma(i)}\,H`, setting('alpha'), c, H);
    case 'spine_band':
      return times(String.raw`-\lambda\,c\,H`, setting('lambda'), c, H);
    default:
      return `L = ${loss}`;
  }
}

/** Of any objective at a latent position, whose mixture is y. */
export const LATENT_FORMULA = String.raw`-A \sum_k y_k \log p_k`;

/** How the two slopes become a push, with this term's numbers. */
export function filledGradient(
  term: TermInspection,
  position: number,
  { isLatent = false }: Partial<Beside> = {},
): string {
  const [score, spread] = [term.d_logp[position] as number, term.d_entropy[position] as number];
  if (Number.isNaN(score)) return String.raw`\text{push}_j = -\,\partial L / \partial z_j`;
  const parts = [
    score === 0 ? '' : String.raw`${bare(-score)}\,(${isLatent ? 'y_j' : '1_{j=a}'}-p_j)`,
    spread === 0
      ? ''
      : String.raw`${score === 0 ? bare(spread) : `+ ${value(spread)}`}\,p_j(\log p_j + H)`,
  ].filter(Boolean);
  return String.raw`\text{push}_j = ${parts.join(' ') || '0'}`;
}
