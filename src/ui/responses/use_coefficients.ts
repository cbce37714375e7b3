/**
 * Asks the engine what an arm's loss pays each token of the shown responses for entropy and for itself, or what each
 * prefix says of the answer.
 */
import { useEffect, useState } from 'react';
import type { TermInspection } from '../../core/inspection.ts';
import type { Task } from '../../tasks/task.ts';
import { useLab } from '../context.ts';
import { lookedAt } from '../microscope/lens.ts';
import type { ResponsesEvent } from '../store.ts';
import type { Coefficients, Tint } from './tint.ts';

const NONE: Coefficients = new Map();

/** @param needs asks only where given, so only while somebody looks  @returns empty until the engine has answered for these responses */
export function useCoefficients(
  event: ResponsesEvent | undefined,
  needs: Tint['needs'],
  task: Task,
): Coefficients {
  const { lens } = useLab();
  const [known, setKnown] = useState<{
    event: ResponsesEvent;
    needs: Tint['needs'];
    values: Coefficients;
  }>();
  const isKnown = known?.event === event && known?.needs === needs;
  useEffect(() => {
    if (!event || !needs || isKnown) return;
    let isCurrent = true;
    const { prompt, samples, answer } = event;
    const right = needs === 'answers' ? task.vocabulary.indexOf(answer) : undefined;
    const asked = samples.map((sample) => ({ ...lookedAt(prompt, sample), right }));
    lens.ask(event, asked).then(
      ({ arms, responses }) => {
        const own = arms.find(({ arm }) => arm === event.arm)?.terms ?? [];
        // The loss falls with what is paid for.
        const payOf = (terms: TermInspection[], key: 'd_entropy' | 'd_logp') =>
          Float32Array.from(terms[0]?.loss ?? [], (_, t) => {
            // NaN: what a functional other than the entropy is paid is not among these two.
            return own.reduce((sum, i) => sum - (terms[i]?.[key][t] || 0), 0) || 0;
          });
        const values = responses.map(({ terms, answers }) => ({
          ...{ entropy: payOf(terms, 'd_entropy'), taken: payOf(terms, 'd_logp'), answers },
        }));
        if (isCurrent)
          setKnown({ event, needs, values: new Map(samples.map((s, i) => [s, values[i]])) });
      },
      // Without an answer tokens stay unfilled; the microscope says why when it is opened.
      () => {},
    );
    return () => {
      isCurrent = false;
    };
  }, [event, needs, isKnown, lens, task]);
  return known && isKnown ? known.values : NONE;
}
