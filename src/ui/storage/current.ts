/** The part of the run under way that is still to be written. */
import { runKey } from '../../core/experiment.ts';
import type { KeptDifficulty, KeptProbes, KeptResponses } from '../../core/kept_details.ts';
import type { Event } from '../../worker/protocol.ts';
import { newestResponses } from '../intake.ts';
import type { CurveBlock } from './record.ts';
import { METRIC_IDS } from './rows.ts';
import type { News } from './shelf.ts';

export interface Current {
  id: string;
  blocks: CurveBlock[];
  probes: KeptProbes[];
  checkpoint?: News['checkpoint'];
  /** Newest first, as many as the page shows: arms are shown at a step that all of them have. */
  responses: Map<string, readonly KeptResponses[]>;
  difficulty: Map<string, { first: KeptDifficulty; last: KeptDifficulty }>;
}

type Measured = Extract<Event, { type: 'points' | 'responses' | 'probes' | 'by_difficulty' }>;

/** Adds what the engine has measured. */
export function gather(current: Current, event: Measured): void {
  const { blocks, probes, responses, difficulty } = current;
  const key = runKey(event);
  if (event.type === 'points') {
    const { arm, seed, firstStep, values } = event;
    blocks.push({ arm, seed, firstStep, metrics: [...METRIC_IDS], values });
  } else if (event.type === 'responses') {
    const { type: _, ...newest } = event;
    responses.set(key, newestResponses(responses.get(key), newest));
  } else if (event.type === 'probes') {
    const { type: _, ...evaluation } = event;
    probes.push(evaluation);
  } else {
    const { type: _, ...last } = event;
    difficulty.set(key, { first: difficulty.get(key)?.first ?? last, last });
  }
}
