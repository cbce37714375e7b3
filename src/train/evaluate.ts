/** Accuracy on fixed held-out problems: avg@8, pass@8 and by difficulty. */
import type { GainProfile } from '../core/gain_profile.ts';
import type { LatentSampling } from '../core/latent.ts';
import type { Values } from '../core/param.ts';
import { STREAM } from '../core/random.ts';
import type { Engine, Policy } from '../model/engine.ts';
import type { Task } from '../tasks/task.ts';
import { measureGains } from './gain_profile.ts';
import { measureInformation } from './information.ts';
import { heldOutProblems } from './problems.ts';
import { type Judged, sampleResponses } from './sampling.ts';
import { taskMeasures } from './task_measures.ts';

/** Responses per held-out problem. */
export const EVAL_SAMPLES = 8;

export interface Evaluation {
  accuracy: number;
  /** Share of problems with at least one right response. */
  pass_at_k: number;
  /** Pairs (difficulty, accuracy), easiest first. */
  by_difficulty: [number, number][];
  entropy: number;
  response_length: number;
  premature_end: number;
  /** What the task measures of its own, and information where asked for, by metric. */
  measures: Record<string, number>;
  /** Where asked for, and where the task's answers allow it. */
  gains?: GainProfile;
}

export async function evaluate(
  engine: Engine,
  policy: Policy,
  task: Task,
  values: Values,
  options: {
    problems: number;
    samples?: number;
    temperature: number;
    seed: number;
    step: number;
    /** The arm's own way to begin a response, so that what was trained is what is judged. */
    latent?: LatentSampling;
    /** Reads what each token tells about the answer. */
    wantsGains?: boolean;
  },
): Promise<Evaluation> {
  const samples = options.samples ?? EVAL_SAMPLES;
  const problems = heldOutProblems(task, values, options.problems);
  const responses = await sampleResponses(engine, policy, task, {
    problems,
    groupSize: samples,
    temperature: options.temperature,
    seed: options.seed,
    stream: STREAM.evaluate,
    step: options.step,
    latent: options.latent,
  });
  const groups = problems.map((problem, p) => {
    const right = responses
      .slice(p * samples, (p + 1) * samples)
      .filter((r) => r.verdict.correct).length;
    return { difficulty: task.difficulty(problem), right };
  });
  const levels = [...new Set(groups.map((g) => g.difficulty))].sort((a, b) => a - b);
  const tokens = responses.reduce((sum, r) => sum + r.tokens.length, 0);
  // One response to each problem.
  const looked = problems.map((_, p) => responses[p * samples] as Judged);
  const { temperature } = options;
  const information = values['trainer.information']
    ? await measureInformation(engine, policy, task, looked, {
        ...{ prompts: values['trainer.information_prompts'] as number, temperature },
      })
    : {};
  const gains = options.wantsGains
    ? await measureGains(engine, policy, task, looked, temperature)
    : undefined;
  const mean = (of: (r: (typeof responses)[number]) => number): number =>
    responses.reduce((sum, r) => sum + of(r), 0) / responses.length;
  return {
    accuracy: mean((r) => Number(r.verdict.correct)),
    pass_at_k: groups.filter((g) => g.right > 0).length / groups.length,
    by_difficulty: levels.map((level) => {
      const of = groups.filter((g) => g.difficulty === level);
      return [level, of.reduce((sum, g) => sum + g.right, 0) / (of.length * samples)];
    }),
    entropy: responses.reduce((sum, r) => sum + r.entropy.reduce((a, b) => a + b, 0), 0) / tokens,
    response_length: tokens / responses.length,
    premature_end: mean((r) => Number(r.verdict.premature_end)),
    measures: { ...taskMeasures(task, responses), ...information },
    ...(gains && { gains }),
  };
}
