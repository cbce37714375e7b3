/** The formula of the advantage method with the group's numbers in it, as LaTeX. The results are the engine's. */
import type { SlowArm } from '../../core/slow_step.ts';
import { findMethod } from '../declared.ts';
import { formatValue } from '../format.ts';
import { estimateOf, mean } from './shaping.ts';

const TEX = String.raw;
const value = (x: number): string =>
  formatValue(x)
    .replaceAll('−', '-')
    .replace(/e\+?(-?\d+)$/, (_, n) => TEX`\times 10^{${n}}`);
/** Without zeros at the end: 1, 0.5. */
const short = (x: number): string => value(x).replace(/\.0+$|(\.\d*[1-9])0+$/, '$1');

/** Methods that compare with the group alone: their numbers are all here. */
const OF_THE_GROUP = ['grpo', 'rloo', 'opo', 'grpo_passk'];

export interface FilledAdvantage {
  /** The method's own formula. */
  formula: string;
  /** Statistics of the group, then one line for each different reward. */
  lines: string[];
  /** Where the numbers are not of this group alone. */
  note?: string;
}

export function filledAdvantage({ advantage, responses }: SlowArm): FilledAdvantage {
  const { method, values } = advantage;
  const formula = findMethod(method)?.formula ?? '';
  const rewards = responses.map(({ reward }) => reward);
  const G = rewards.length;
  const center = mean(rewards);
  const deviation = Math.sqrt(
    rewards.reduce((sum, r) => sum + (r - center) ** 2, 0) / Math.max(1, G - 1),
  );
  const sum = rewards.reduce((a, b) => a + b, 0);
  const meanLine = TEX`\operatorname{mean}(R) = \frac{${short(sum)}}{${G}} = ${value(center)}`;
  const stdLine = TEX`\operatorname{std}(R) = ${value(deviation)}`;
  // Of several responses with one reward, the first stands for all where the method gives them the same.
  const each = (of: (reward: number, i: number) => string): string[] => {
    const seen = new Map<string, string>();
    responses.forEach((response, i) => {
      const result = `{${value(estimateOf(response))}}`;
      const key = `${rewards[i]} ${result}`;
      if (!seen.has(key)) {
        const right = of(rewards[i], i);
        seen.set(
          key,
          TEX`R = ${short(rewards[i])}:\quad A = ${right ? `${right} = ` : ''}${result}`,
        );
      }
    });
    return [...seen.values()].sort().reverse();
  };
  const isEven = G > 1 && rewards.every((reward) => reward === rewards[0]);
  if (isEven && OF_THE_GROUP.includes(method)) {
    return {
      formula,
      lines: [meanLine, ...each(() => '')],
      note: 'All rewards of this group are equal: there is nothing to compare, and nothing to learn from it.',
    };
  }
  switch (method) {
    case 'grpo':
      return values['grpo.scale_by_std']
        ? {
            formula,
            lines: [
              TEX`${meanLine},\quad ${stdLine}`,
              ...each(
                (r) => TEX`\frac{${short(r)} - ${value(center)}}{${value(deviation)} + 10^{-6}}`,
              ),
            ],
          }
        : {
            formula: TEX`A_i = R_i - \operatorname{mean}(R_1 \ldots R_G)`,
            lines: [meanLine, ...each((r) => `${short(r)} - ${value(center)}`)],
          };
    case 'rloo':
      return {
        formula,
        lines: each((r) => TEX`${short(r)} - \frac{1}{${G - 1}}\cdot ${short(sum - r)}`),
      };
    case 'opo': {
      const tokens = responses.reduce((n, r) => n + r.tokens.length, 0);
      const weighed = responses.reduce((n, r) => n + r.tokens.length * r.reward, 0);
      return {
        formula,
        lines: each((r) => TEX`${short(r)} - \frac{${short(weighed)}}{${tokens}}`),
      };
    }
    case 'grpo_passk': {
      const [best, second] = [...rewards].sort((a, b) => b - a);
      const winner = rewards.indexOf(best);
      return {
        formula,
        lines: [
          stdLine,
          ...each((_, i) =>
            i === winner && best > second
              ? TEX`\frac{${short(best)} - ${short(second)}}{${value(deviation)} + 10^{-6}}`
              : '',
          ),
        ],
      };
    }
    default:
      return {
        formula,
        lines: each(() => ''),
        note: 'This formula does not stop at the group: what else it takes is of the whole batch or of the method itself. The advantages are the engine’s.',
      };
  }
}
