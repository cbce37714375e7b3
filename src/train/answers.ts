/**
 * What a response tells about the answer, token by token: its reasoning is closed by force after every prefix, and the
 * model's answer distribution is read there (early exit; IAPO, arXiv 2602.19049). The gain of a token is what it takes
 * off the answer's entropy, or adds to the log-probability of the right answer.
 */
import { type Branched, packBranches } from '../model/branches.ts';
import { currentStats } from '../model/current.ts';
import type { Engine, Policy } from '../model/engine.ts';
import type { Answer, Task } from '../tasks/task.ts';

/** What the readings need of a sampled response. */
export interface Answered {
  problem: unknown;
  prompt: readonly number[];
  tokens: ArrayLike<number>;
}

export interface AnswerReadings {
  /** [M + 1] nats: entropy of the answer before token 0, …, M; M is the number of reasoning tokens. */
  entropy: Float32Array;
  /** [M + 1] nats: log-probability of the right answer, likewise. */
  logp: Float32Array;
}

/** Reasoning tokens of a response: those before its own marker, or before the token that ends it. */
export function reasoningLength(
  tokens: ArrayLike<number>,
  { marker }: Answer,
  eos: number,
): number {
  const list = Array.from(tokens);
  const end = list.findIndex((token) => token === marker || token === eos);
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
  const asked: Branched[] = responses.map(({ problem, prompt, tokens }) => {
    const action = answer.right(problem);
    // A marker after the last token there may be would lie beyond the longest sequence.
    const most = Math.min(
      reasoningLength(tokens, answer, task.eos),
      engine.workspace.sizes.positions - prompt.length - 1,
    );
    const questions = Array.from({ length: most + 1 }, (_, after) => ({
      ...{ after, forced: answer.marker, action },
    }));
    return { prompt, response: tokens, questions };
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

/** [tokens] nats that each token takes off the answer's entropy; 0 from the marker on. */
export function entropyGains({ entropy }: AnswerReadings, tokens: number): Float32Array {
  return differences(entropy, tokens, -1);
}

/** [tokens] nats that each token adds to the right answer's log-probability; 0 from the marker on. */
export function logpGains({ logp }: AnswerReadings, tokens: number): Float32Array {
  return differences(logp, tokens, 1);
}

function differences(values: Float32Array, tokens: number, sign: number): Float32Array {
  return Float32Array.from({ length: tokens }, (_, t) => {
    const [now, next] = [values[t], values[t + 1]];
    return now === undefined || next === undefined ? 0 : sign * (next - now);
  });
}
