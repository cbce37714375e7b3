/** What of a step's responses is told: those to its first prompt, which all arms of a seed share. */
import type { ResponseSample } from '../core/report.ts';
import type { TrainingSequence } from '../model/batch.ts';
import type { RunParts, StepBatch } from './run_parts.ts';
import { asTaken } from './slow_look.ts';

/** Responses told per run and step. */
const SHOWN = 8;

/** @param sequences of the step's responses, as its update took them */
export function shownResponses(
  batch: StepBatch,
  groupSize: number,
  { methods, composed }: Pick<RunParts, 'methods' | 'composed'>,
  sequences: readonly TrainingSequence[],
): ResponseSample[] {
  const shown = batch.measured.slice(0, Math.min(SHOWN, groupSize));
  const actsOnTokens = composed.columns.length > 0 || methods.some((m) => m.stage === 'shape');
  return shown.map((r, i) => {
    // A response that is not learned from has no advantage.
    const isLearned = batch.responses[i] === r;
    return {
      tokens: [...r.tokens],
      entropy: [...r.entropy],
      logp: [...r.logp],
      p_eos: [...r.p_eos],
      ...(r.mixtures && { mixtures: r.mixtures.map((y) => [...y]) }),
      reward: r.verdict.reward,
      correct: r.verdict.correct,
      reason: r.verdict.reason,
      advantage: isLearned ? (batch.advantages[i] as number) : 0,
      ...(isLearned && actsOnTokens ? taken(sequences[i], composed.columns) : {}),
    };
  });
}

function taken(sequence: TrainingSequence | undefined, columns: readonly string[]) {
  if (!sequence) return {};
  const { advantage, constants } = asTaken(sequence, columns);
  const advantages = Array.from(sequence.response, (_, t) =>
    typeof advantage === 'number' ? advantage : (advantage[t] as number),
  );
  return { advantages, constants };
}
