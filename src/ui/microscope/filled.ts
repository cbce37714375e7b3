/** A term's formula with this token's numbers in it, as LaTeX. The value at the end is the engine's. */
import type { TermInspection } from '../../core/inspection.ts';
import { findMethod } from '../declared.ts';
import { formatSetting, formatValue } from '../format.ts';
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
  advantage: number,
): string {
  const loss = bare(term.loss[position] as number);
  const setting = (name: string): string =>
    tex(formatSetting(term.values[`${term.method}.${name}`] as number));
  const [A, H, rho] = [value(advantage), value(token.entropy), value(token.ratio)];
  switch (term.method) {
    case 'ppo_clip':
      return (term.bound[position] as number) > 0
        ? String.raw`-A\operatorname{clip}(\rho) = ${loss}\quad(\rho = ${rho}\text{ is held})`
        : String.raw`-A\,\rho = -${A}\cdot ${rho} = ${loss}`;
    case 'entropy_bonus':
      return String.raw`-\alpha\,H = -${setting('alpha')}\cdot ${H} = ${loss}`;
    case 'ib_entropy':
      return String.raw`-\alpha\,A\,H = -${setting('alpha')}\cdot ${A}\cdot ${H} = ${loss}`;
    default:
      return `${findMethod(term.method)?.formula ?? ''} = ${loss}`;
  }
}

/** How the two slopes become a push, with this term's numbers. */
export function filledGradient(term: TermInspection, position: number): string {
  const [score, spread] = [term.d_logp[position] as number, term.d_entropy[position] as number];
  if (Number.isNaN(score)) return String.raw`\text{push}_j = -\,\partial L / \partial z_j`;
  const parts = [
    score === 0 ? '' : String.raw`${bare(-score)}\,(1_{j=a}-p_j)`,
    spread === 0
      ? ''
      : String.raw`${score === 0 ? bare(spread) : `+ ${value(spread)}`}\,p_j(\log p_j + H)`,
  ].filter(Boolean);
  return String.raw`\text{push}_j = ${parts.join(' ') || '0'}`;
}
