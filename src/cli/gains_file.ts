/** What tokens tell about the answer as a table: one row for each mean of an evaluation, in a file beside the curves. */
import { appendFileSync, writeFileSync } from 'node:fs';
import type { RunId } from '../core/experiment.ts';
import { GAINS, type GainProfile } from '../core/gain_profile.ts';

const COLUMNS = 'arm,seed,step,responses,gain,by,of,mean,tokens';

/** Writes evaluations as they come; there is no file before the first. */
export function gainsFile(file: string): (run: RunId, step: number, gains: GainProfile) => void {
  let isBegun = false;
  return (run, step, gains) => {
    if (!isBegun) writeFileSync(file, `${COLUMNS}\n`);
    isBegun = true;
    appendFileSync(file, `${gainRows(run, step, gains).join('\n')}\n`);
  };
}

/** Means in nats a token; nothing where no token stands in a part. */
export function gainRows(
  { arm, seed }: RunId,
  step: number,
  { responses, gains }: GainProfile,
): string[] {
  const number = (x: number): string => String(Number(x.toPrecision(6)));
  return GAINS.flatMap((gain) => {
    const head = [arm, seed, step, responses, gain];
    const { kinds, parts } = gains[gain];
    return [
      ...kinds.map(({ kind, mean, tokens }) => [...head, 'kind', kind, number(mean), tokens]),
      ...parts.map((mean, part) => {
        return [
          ...head,
          'part',
          `${part + 1}/${parts.length}`,
          mean === null ? '' : number(mean),
          '',
        ];
      }),
    ].map((cells) => cells.join(','));
  });
}
