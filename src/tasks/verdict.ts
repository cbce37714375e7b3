/** The verifier of tasks whose answer is one digit at the end, behind a mark: it reads the end alone. */
import type { Verdict } from './task.ts';

/** Token ids of the mark before the answer and of the end. Digits are their own ids. */
interface Marks {
  answer: number;
  eos: number;
}

export function digitVerdict(response: readonly number[], right: number, marks: Marks): Verdict {
  const isDigit = (token: number | undefined) => token !== undefined && token <= 9;
  const first = response.findIndex((t, i) => t === marks.answer && isDigit(response[i + 1]));
  const given = first >= 0;
  const ended = response[response.length - 1] === marks.eos;
  const [mark, answer] = response.slice(-3);
  const closed = ended && mark === marks.answer && isDigit(answer);
  const correct = closed && answer === right;
  let reason = 'right';
  if (!given) reason = ended ? 'ended before the answer' : 'cut off before the answer';
  else if (!ended && response.length === first + 2) reason = 'cut off right after the answer';
  else if (!closed) reason = 'went on after the answer';
  else if (!correct) reason = `wrong answer: ${answer} instead of ${right}`;
  return {
    reward: correct ? 1 : 0,
    correct,
    ...(closed && { answer: String(answer) }),
    reason,
    answered_at: given ? first + 2 : response.length,
    premature_end: ended && !given,
  };
}
