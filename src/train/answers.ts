/**
 * What a response tells about the answer, token by token: its reasoning is closed by force after every prefix, and the
 * model's answer distribution is read there (early exit; IAPO, arXiv 2602.19049).
 */
import type { AnswerReadings } from '../core/inspection.ts';
import { responses as responsesOf, type TokenBatch } from '../core/token_batch.ts';
import { type Branched, packBranches } from '../model/branches.ts';
import { currentStats } from '../model/current.ts';
import type { Engine, Policy } from '../model/engine.ts';
import type { Mixtures } from '../model/latent_rows.ts';
import type { Answer, Task } from '../tasks/task.ts';

/** A response, and the token id of the right answer. */
export interface Answered {
  prompt: ArrayLike<number>;
  tokens: ArrayLike<number>;
  right: number;
  mixtures?: Mixtures;
}

/**
 * Reasoning tokens of a response: those before its own marker, or before the token that ends it. A latent position is
 * reasoning, whatever its likeliest token; an EOS there ends the response.
 * @param latent positions that it begins with
 */
export function reasoningLength(
  tokens: ArrayLike<number>,
  { marker }: Answer,
  eos: number,
  latent = 0,
): number {
  const list = Array.from(tokens);
  const end = list.findIndex((token, t) => token === eos || (token === marker && t >= latent));
  return end < 0 ? list.length : end;
}

/** @throws {RangeError} the task's answers are not of one token */
export function answerOf(task: Task): Answer {
  if (task.answer) return task.answer;
  throw new RangeError(
    `${task.id}: needs answers of one token after a marker to read information along a response, got none declared`,
  );
}

/** One forward pass over responses and questions, in as many parts as the buffers need. */
export async function readAnswers(
  engine: Engine,
  policy: Policy,
  task: Task,
  responses: readonly Answered[],
  temperature: number,
): Promise<AnswerReadings[]> {
  const answer = answerOf(task);
  const asked: Branched[] = responses.map(({ prompt, tokens, right, mixtures }) => {
    // A marker after the last token there may be would lie beyond the longest sequence.
    const most = Math.min(
      reasoningLength(tokens, answer, task.eos, mixtures?.length),
      engine.workspace.sizes.positions - prompt.length - 1,
    );
    const questions = Array.from({ length: most + 1 }, (_, after) => ({
      ...{ after, forced: answer.marker, action: right },
    }));
    return { prompt, response: tokens, questions, mixtures };
  });
  const parts = packBranches(asked, engine.workspace.sizes.rows);
  const { logp, entropy } = await currentStats(engine, policy, parts, temperature);
  let from = 0;
  return asked.map(({ questions }) => {
    const to = from + questions.length;
    const reading = { entropy: entropy.slice(from, to), logp: logp.slice(from, to) };
    from = to;
    return reading;
  });
}

/** The readings as facts of a batch, one before each token; what lies past a response's last token is left out. */
export function withAnswers(batch: TokenBatch, readings: readonly AnswerReadings[]): TokenBatch {
  const answer_entropy = batch.answer_entropy.slice();
  const answer_logp = batch.answer_logp.slice();
  responsesOf(batch).forEach(({ from, to }, i) => {
    const { entropy, logp } = readings[i] as AnswerReadings;
    answer_entropy.set(entropy.subarray(0, to - from), from);
    answer_logp.set(logp.subarray(0, to - from), from);
  });
  return { ...batch, answer_entropy, answer_logp };
}
