/** What is asked of the open session and answered in one message. What cannot be had is told there: it is no failure of the session. */
import type { Session } from '../train/session.ts';
import type { Command, Event } from './protocol.ts';
import { post } from './scope.ts';

type Asked<T extends Command['type']> = Extract<Command, { type: T }>;

const BEGAN = 'the runs began anew before it was taken';

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** @throws {Error} there is none */
function opened(session: Session | undefined): Session {
  if (!session) throw new Error('nothing is open');
  return session;
}

/** @param beginnings as of `takeCheckpoint`: a look that a reset overtakes would see the base and name a later step */
export async function inspect(
  session: Session | undefined,
  command: Asked<'inspect'>,
  beginnings: () => number,
) {
  const { id, arm, seed, responses } = command;
  const began = beginnings();
  try {
    const inspection = await opened(session).inspect({ arm, seed }, responses);
    if (beginnings() !== began) throw new Error(BEGAN);
    post({ type: 'inspection', id, inspection });
  } catch (error) {
    post({ type: 'inspection', id, message: messageOf(error) });
  }
}

export async function exportWeights(session: Session | undefined, run: Asked<'export_weights'>) {
  const { arm, seed } = run;
  try {
    const { step, files } = await opened(session).exportWeights({ arm, seed });
    const transfer = files.map((file) => file.bytes);
    post({ type: 'weights', arm, seed, step, files }, transfer);
  } catch (error) {
    post({ type: 'weights', arm, seed, message: messageOf(error) });
  }
}

/**
 * @param beginnings how often the runs have begun anew: a state from before is of no use
 * @param first      tells the curves up to the state: who keeps both must never have a state without its curve
 */
export async function takeCheckpoint(
  session: Session | undefined,
  beginnings: () => number,
  first: () => void,
): Promise<void> {
  const began = beginnings();
  let answer: Event;
  try {
    answer = { type: 'checkpoint', checkpoint: await opened(session).checkpoint() };
    if (beginnings() !== began) throw new Error(BEGAN);
    first();
  } catch (error) {
    answer = { type: 'checkpoint', message: messageOf(error) };
  }
  post(answer);
}
