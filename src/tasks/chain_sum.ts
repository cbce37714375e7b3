/**
 * Sums modulo 10 of several digits: the task of the first demonstration. One step is easy, many at
 * once are not, so writing intermediate results pays although nobody asks for them.
 *
 * Response: `#d$` directly, or a chain such as `8+3=1+1=2+5=7#7$` for 8+3+1+5, also in larger
 * steps: `8+3+1=2+5=7#7$`. Only the end `#d$` is read.
 */
import { type Random, randomBits } from '../core/random.ts';
import { defineTask, type Stage } from './task.ts';
import { digitVerdict } from './verdict.ts';

/** Tokens that a hint puts before the prompt: `#7` and then what was asked. */
const HINT_LENGTH = 2;

/** 'right' fills a prompt with `_` up to the longest one, so that responses begin at one position. */
export const PROMPT_PADDING = 'none' as 'none' | 'right';

const VOCABULARY = [...'0123456789+=#$_'];
const [PLUS, EQUALS, ANSWER, EOS, PAD] = [...'+=#$_'].map((c) => VOCABULARY.indexOf(c));

interface Mixture {
  /** Shares of the styles. */
  styles: { full: number; chunks: number; skip: number; direct: number };
  /** Shares of steps with 1, 2 and 3 operands in the style `chunks`. */
  chunks: readonly number[];
  /** Probability that a written result is off. The chain goes on from the wrong one. */
  slip: number;
  /** Share of demonstrations that end at a random place. */
  cut: number;
}

/** In `mixed`, good reasoning is rare and everything slips, so that RL has something to find. */
export const MIXTURES: Record<Stage, Mixture> = {
  practice: {
    styles: { full: 0.6, chunks: 0.4, skip: 0, direct: 0 },
    chunks: [0.7, 0.2, 0.1],
    slip: 0,
    cut: 0,
  },
  mixed: {
    styles: { full: 0.1, chunks: 0.4, skip: 0.2, direct: 0.3 },
    chunks: [0.4, 0.35, 0.25],
    slip: 0.1,
    cut: 0.05,
  },
};
type Style = keyof Mixture['styles'];

interface Problem {
  /** Digits, first to last. */
  operands: number[];
  /** Length of the longest prompt at these settings. */
  width: number;
}

const sum = (digits: readonly number[]) => digits.reduce((a, b) => a + b, 0) % 10;

function promptOf({ operands, width }: Problem): number[] {
  const tokens = operands.flatMap((d, i) => [d, i < operands.length - 1 ? PLUS : EQUALS]);
  if (PROMPT_PADDING === 'none') return tokens;
  return [...tokens, ...Array(width - tokens.length).fill(PAD)];
}

/** Sizes of the steps of a chain over n operands after the first; may end early. */
function stepSizes(style: Style, mixture: Mixture, n: number, random: Random): number[] {
  if (style === 'direct') return [];
  if (style === 'full') return Array(n).fill(1);
  if (style === 'skip') return Array(random.integer(1, Math.max(1, n - 1))).fill(1);
  const sizes: number[] = [];
  for (let left = n; left > 0; left -= sizes[sizes.length - 1]) {
    sizes.push(Math.min(left, random.pick([1, 2, 3], mixture.chunks)));
  }
  return sizes;
}

/** The demonstration in one style, EOS included. */
function write(
  operands: readonly number[],
  sizes: readonly number[],
  slipShare: number,
  random: Random,
): number[] {
  const slip = (d: number) => (random.next() < slipShare ? (d + random.integer(1, 9)) % 10 : d);
  const tokens = sizes.length > 0 ? [operands[0]] : [];
  let result = operands[0];
  let done = 1;
  for (const size of sizes) {
    const step = operands.slice(done, done + size);
    result = slip(sum([result, ...step]));
    tokens.push(...step.flatMap((d) => [PLUS, d]), EQUALS, result);
    done += size;
  }
  const answer = done < operands.length ? slip(sum([result, ...operands.slice(done)])) : result;
  return [...tokens, ANSWER, answer, EOS];
}

export default defineTask<Problem>({
  id: 'chain_sum',
  label: 'chain sum',
  summary:
    'Add several digits and give the last digit of the sum. Writing intermediate results is allowed and makes it easier.',
  vocabulary: VOCABULARY,
  eos: EOS,
  params: {
    min_operands: {
      kind: 'number',
      label: 'fewest operands',
      default: 3,
      min: 3,
      max: 10,
      integer: true,
      restarts: true,
      help: 'Digits in the shortest problem. Each length is equally frequent.',
    },
    max_operands: {
      kind: 'number',
      label: 'most operands',
      default: 8,
      min: 3,
      max: 10,
      integer: true,
      restarts: true,
      help: 'Digits in the longest problem. The shipped base has seen up to 8.',
    },
    max_response: {
      kind: 'number',
      label: 'longest response',
      default: 40,
      min: 4,
      max: 64,
      integer: true,
      restarts: true,
      unit: 'tokens',
      help: 'A response is cut off here, and then counts as wrong. A full chain over k operands takes 4·k tokens.',
    },
    hints: {
      kind: 'switch',
      label: 'base that knows hints',
      default: 0,
      restarts: true,
      help: 'Starts from a base that was shown the answer before half of the last problems it imitated, written #7 in front of the prompt. Training and evaluation give no hints; methods that ask what the model would do if it knew the answer need such a base.',
    },
  },

  check(values) {
    const [least, most] = [values['chain_sum.min_operands'], values['chain_sum.max_operands']];
    if (least > most) {
      throw new RangeError(
        `chain_sum.min_operands: must be at most chain_sum.max_operands (${most}), got ${least}`,
      );
    }
  },

  limits: (values) => ({
    prompt:
      2 * values['chain_sum.max_operands'] + (values['chain_sum.hints'] === 1 ? HINT_LENGTH : 0),
    response: values['chain_sum.max_response'],
  }),

  generate(random, values) {
    const most = values['chain_sum.max_operands'];
    const count = random.integer(values['chain_sum.min_operands'], most);
    return {
      operands: Array.from({ length: count }, () => random.integer(0, 9)),
      width: 2 * most,
    };
  },

  heldOut: ({ operands }) => randomBits(operands.length, ...operands) >>> 29 === 0,

  prompt: promptOf,
  /** In front, so that operands and response keep their distances; the answer then stands after the other `#`. */
  hint: (problem) => [ANSWER, sum(problem.operands), ...promptOf(problem)],

  /** One that would be too long for a response is written directly. */
  demonstrate({ operands }, random, values, stage) {
    const mixture = MIXTURES[stage];
    const style = random.pick(
      Object.keys(mixture.styles) as Style[],
      Object.values(mixture.styles),
    );
    const sizes = stepSizes(style, mixture, operands.length - 1, random);
    let tokens = write(operands, sizes, mixture.slip, random);
    if (tokens.length > values['chain_sum.max_response']) {
      tokens = write(operands, [], mixture.slip, random);
    }
    if (random.next() >= mixture.cut) return tokens;
    return [...tokens.slice(0, random.integer(1, tokens.length - 2)), EOS];
  },

  verify: ({ operands }, response) =>
    digitVerdict(response, sum(operands), { answer: ANSWER, eos: EOS }),

  answer: {
    marker: ANSWER,
    tokens: Array.from({ length: 10 }, (_, digit) => digit),
    right: ({ operands }) => sum(operands),
  },
  solve: ({ operands }) => String(sum(operands)),
  kindOf(response, position) {
    const [before, token] = [response[position - 1], response[position]];
    if (token > 9) return 'sign';
    return before === EQUALS ? 'partial result' : 'operand';
  },

  difficulty: ({ operands }) => operands.length,
  difficulty_label: 'operands',
});
