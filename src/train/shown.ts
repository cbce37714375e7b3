/** What of a step's responses is told: those to its first prompt, which all arms of a seed share. */
import type { ResponseSample } from '../core/report.ts';
import type { StepBatch } from './run.ts';

/** Responses told per run and step. */
const SHOWN = 8;

export function shownResponses(batch: StepBatch, groupSize: number): ResponseSample[] {
  const shown = batch.measured.slice(0, Math.min(SHOWN, groupSize));
  return shown.map((r, i) => ({
    tokens: [...r.tokens],
    entropy: [...r.entropy],
    logp: [...r.logp],
    p_eos: [...r.p_eos],
    reward: r.verdict.reward,
    correct: r.verdict.correct,
    reason: r.verdict.reason,
    // A response that is not learned from has none.
    advantage: batch.responses[i] === r ? (batch.advantages[i] as number) : 0,
  }));
}
