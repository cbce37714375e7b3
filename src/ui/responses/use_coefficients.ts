/** Asks the engine what an arm's regularizers pay each token of the shown responses per nat of entropy. */
import { useEffect, useState } from 'react';
import { useLab } from '../context.ts';
import type { ResponsesEvent } from '../store.ts';
import type { Coefficients } from './tint.ts';

const NONE: Coefficients = new Map();

/** @param isWanted asks only then  @returns empty until the engine has answered for these responses */
export function useCoefficients(
  event: ResponsesEvent | undefined,
  isWanted: boolean,
): Coefficients {
  const { lens } = useLab();
  const [known, setKnown] = useState<{ event: ResponsesEvent; values: Coefficients }>();
  useEffect(() => {
    if (!event || !isWanted) return;
    let isCurrent = true;
    const { prompt, samples } = event;
    const asked = samples.map(({ tokens, logp, advantage }) => ({
      ...{ prompt, tokens, logp, advantage },
    }));
    lens.ask(event, asked).then(
      ({ arms, responses }) => {
        const own = arms.find(({ arm }) => arm === event.arm)?.terms ?? [];
        const values = responses.map(({ terms, entropy }) =>
          // Loss falls with entropy where it is paid for.
          Float32Array.from(entropy, (_, t) => {
            const pay = own.reduce((sum, i) => sum - (terms[i]?.d_entropy[t] ?? 0), 0);
            return pay || 0;
          }),
        );
        if (isCurrent) {
          setKnown({ event, values: new Map(samples.map((s, i) => [s, values[i] ?? []])) });
        }
      },
      // Without an answer tokens stay unfilled; the microscope says why when it is opened.
      () => {},
    );
    return () => {
      isCurrent = false;
    };
  }, [event, isWanted, lens]);
  return isWanted && known && known.event === event ? known.values : NONE;
}
