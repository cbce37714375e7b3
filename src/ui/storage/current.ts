/** The part of the run under way that is still to be written. */
import type { KeptDifficulty, KeptProbes, KeptResponses } from '../../core/kept_details.ts';
import type { CurveBlock } from './record.ts';
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
