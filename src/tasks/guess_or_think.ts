/**
 * Sums modulo 10 with a tempting shortcut: more sums end in 0 than in any other digit, so the guess `0` pays at once.
 * Thinking, writing running sums, is very rare in the base, then mostly right, and nearly always with practice, but only
 * for who comes upon it.
 *
 * Response to `3845____`: a guess, `#d$`, or running sums first, `150#0$` for 3+8=11, 1+4=5, 5+5=10. Only the end `#d$`
 * is read. Prompts have one length, so that a running sum's operand always stands at the same distance.
 */
import { randomBits } from '../core/random.ts';
import { defineTask } from './task.ts';
import { digitVerdict } from './verdict.ts';

const VOCABULARY = [...'0123456789#$_'];
const [ANSWER, EOS, PAD] = [...'#$_'].map((c) => VOCABULARY.indexOf(c));
const FEWEST = 4;
const MOST = 7;
/** What the shortcut says. */
const TEMPTING = 0;

/** Share of the demonstrations of `mixed` that think; in `practice` all do. */
export const THINKING = 0.5;

/**
 * How strongly the choice to think, a thought's first token, is imitated in `mixed`. At first fully, until both ways are
 * kept apart; then less and less, while what follows the choice is rehearsed as before. So the base can think well but
 * does so in one of 100 000 responses: something for RL to find. Where it thinks in some per mille, every policy finds
 * it; where thinking is not rehearsed, it is forgotten before it is rare.
 */
export function choiceAt(progress: number): number {
  const quarters = 4 * progress;
  if (quarters <= 1) return 1;
  if (quarters <= 1.5) return 2e-2;
  if (quarters <= 2.25) return 2e-3;
  return quarters <= 3 ? 2e-4 : 1e-5;
}
/** Of the guesses; the others are spread over 1 to 9. They know nothing of the prompt, as the base cannot add at a glance. */
export const GUESSED_ZERO = 0.9;

/** Digits, first to last. */
type Problem = readonly number[];

const sum = (digits: readonly number[]) => digits.reduce((a, b) => a + b, 0) % 10;
const isDigit = (token: number | undefined) => token !== undefined && token <= 9;

function runningSums(digits: Problem): number[] {
  let total = digits[0];
  return digits.slice(1).map((digit) => {
    total = (total + digit) % 10;
    return total;
  });
}

/** Responses that begin with a digit: something is written before the answer. */
const thinks = (response: readonly number[]) => isDigit(response[0]);

export default defineTask<Problem>({
  id: 'guess_or_think',
  label: 'guess or think',
  summary:
    'Give the last digit of a sum whose answer is 0 more often than any other. Always answering 0 pays at once; writing running sums pays more, after practice.',
  vocabulary: VOCABULARY,
  eos: EOS,
  params: {
    temptation: {
      kind: 'number',
      label: 'temptation p₀',
      default: 0.4,
      min: 0.1,
      max: 0.9,
      restarts: true,
      help: 'Share of problems whose answer is 0, which a lazy policy gets right without looking. At 0.1 all digits are equally frequent and laziness does not pay.',
    },
  },
  warmStart: {
    values: { 'guess_or_think.temptation': 0.1 },
    practice: { learning_rate: 2e-3, target_accuracy: 0.9, most_steps: 600 },
    mixed: { learning_rate: 2e-3, steps: 1600 },
  },

  limits: () => ({ prompt: MOST + 1, response: 10 }),

  generate(random, values) {
    const count = random.integer(FEWEST, MOST);
    const digits = Array.from({ length: count }, () => random.integer(0, 9));
    // A tenth is 0 by itself.
    const isTempting = random.next() < (values['guess_or_think.temptation'] - 0.1) / 0.9;
    if (isTempting) digits[count - 1] = (10 - sum(digits.slice(0, -1))) % 10;
    return digits;
  },

  heldOut: (digits) => randomBits(digits.length, ...digits) >>> 29 === 0,

  prompt: (digits) => [...digits, ...Array(MOST + 1 - digits.length).fill(PAD)],

  demonstrate(digits, random, _values, stage) {
    if (stage === 'practice' || random.next() < THINKING) {
      const sums = runningSums(digits);
      return [...sums, ANSWER, sums[sums.length - 1], EOS];
    }
    const guess = random.next() < GUESSED_ZERO ? TEMPTING : random.integer(1, 9);
    return [ANSWER, guess, EOS];
  },

  emphasis: (response, stage, progress) =>
    response.map((token, i) =>
      stage === 'mixed' && i === 0 && isDigit(token) ? choiceAt(progress) : 1,
    ),

  verify: (digits, response) => digitVerdict(response, sum(digits), { answer: ANSWER, eos: EOS }),

  measures: {
    think_share: (_, response) => Number(thinks(response)),
    think_success: (_, response, { correct }) => (thinks(response) ? Number(correct) : undefined),
    eval_hard_accuracy: (digits, _, { correct }) =>
      sum(digits) === TEMPTING ? undefined : Number(correct),
    decorative_thinking(_, response) {
      const mark = response.indexOf(ANSWER);
      if (!thinks(response) || mark < 0 || !isDigit(response[mark + 1])) return undefined;
      return Number(response[mark + 1] !== response[mark - 1]);
    },
  },

  answer: {
    marker: ANSWER,
    tokens: Array.from({ length: 10 }, (_, digit) => digit),
    right: sum,
  },
  solve: (digits) => String(sum(digits)),
  kindOf: (response, position) => (isDigit(response[position]) ? 'running sum' : 'sign'),
  difficulty: (digits) => digits.length,
  difficulty_label: 'digits',
});
