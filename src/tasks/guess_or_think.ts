/**
 * Sums modulo 10 with a tempting shortcut: more sums end in 0 than in any other digit, so the guess `0` pays at once.
 * Thinking, writing running sums, is very rare and clumsy in the base and becomes nearly always right with practice, but
 * only for who keeps trying it.
 *
 * Response to `3845____`: a guess, `#d$`, or running sums first, `150#0$` for 3+8=11, 1+4=5, 5+5=10. Only the end `#d$`
 * is read. Prompts have one length, so that a running sum's operand always stands at the same distance.
 */
import { randomBits } from '../core/random.ts';
import { defineTask, type Stage } from './task.ts';
import { digitVerdict } from './verdict.ts';

const VOCABULARY = [...'0123456789#$_'];
const [ANSWER, EOS, PAD] = [...'#$_'].map((c) => VOCABULARY.indexOf(c));
const FEWEST = 4;
const MOST = 7;
/** What the shortcut says. */
const TEMPTING = 0;

/**
 * Share of demonstrations that think. In `mixed`, both ways are imitated until they are kept well apart; then thinking becomes rare, and in the end it is never
 * shown, so that the base still can but hardly ever does: something for RL to find. Where it stays at some per cent,
 * every policy finds it.
 */
export function thinkingAt(stage: Stage, progress: number): number {
  if (stage === 'practice') return 1;
  if (progress <= 0.4) return 0.5;
  return progress <= 0.8 ? 0.03 : 0;
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
      default: 0.32,
      min: 0.1,
      max: 0.9,
      restarts: true,
      help: 'Share of problems whose answer is 0, which a lazy policy gets right without looking. At 0.1 all digits are equally frequent and laziness does not pay.',
    },
  },
  warmStart: {
    values: { 'guess_or_think.temptation': 0.1 },
    practice: { learning_rate: 2e-3, target_accuracy: 0.9, most_steps: 600 },
    mixed: { learning_rate: 2e-3, steps: 1000 },
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

  demonstrate(digits, random, _values, stage, progress = 1) {
    if (random.next() < thinkingAt(stage, progress)) {
      const sums = runningSums(digits);
      return [...sums, ANSWER, sums[sums.length - 1], EOS];
    }
    const guess = random.next() < GUESSED_ZERO ? TEMPTING : random.integer(1, 9);
    return [ANSWER, guess, EOS];
  },

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
