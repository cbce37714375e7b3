/**
 * A few fixed prompts whose responses are kept at every evaluation, so that one can go back and forth through training.
 * Each is answered with the same random numbers every time: what changes in the answer, the policy has changed. Beside
 * it stands a fixed context, the base's answer, whose distributions can be compared position by position.
 */
import type { InspectedResponse, ProbeSample } from '../core/inspection.ts';
import type { LatentSampling } from '../core/latent.ts';
import type { Values } from '../core/param.ts';
import { STREAM } from '../core/random.ts';
import type { Engine, Policy } from '../model/engine.ts';
import type { Task } from '../tasks/task.ts';
import type { Inspector } from './inspect.ts';
import { heldOutProblems } from './problems.ts';
import { type Judged, sampleResponses } from './sampling.ts';

/** Prompts per run. */
const PROBES = 3;

export interface ProbeParts {
  engine: Engine;
  task: Task;
  base: Policy;
  inspector: Inspector;
}

export class Probes {
  /** What the base answers, by seed. */
  private readonly contexts = new Map<number, Promise<Judged[]>>();

  constructor(private readonly parts: ProbeParts) {}

  /** @param latent how the answers begin, where with latent positions; the fixed context is of tokens in any case */
  async sample(
    policy: Policy,
    seed: number,
    values: Values,
    latent?: LatentSampling,
  ): Promise<ProbeSample[]> {
    const { base, inspector, task } = this.parts;
    const temperature = values['trainer.temperature'] as number;
    const known = this.contexts.get(seed) ?? this.answers(base, seed, values);
    this.contexts.set(seed, known);
    known.catch(() => this.contexts.delete(seed));
    const contexts = await known;
    const looked = contexts.map(
      (r): InspectedResponse => ({
        prompt: r.prompt,
        tokens: [...r.tokens],
        logp: [...r.logp],
        advantage: 0,
      }),
    );
    const prepared = await inspector.prepare([]);
    const [answers, seen] = await Promise.all([
      this.answers(policy, seed, values, latent),
      inspector.measure(policy, prepared, looked, temperature),
    ]);
    return answers.map((answer, i) => ({
      prompt: answer.prompt,
      answer: task.solve(answer.problem),
      context: [...(contexts[i] as Judged).tokens],
      probabilities: (seen[i] as (typeof seen)[number]).probabilities,
      tokens: [...answer.tokens],
      ...(answer.mixtures && { mixtures: answer.mixtures.map((y) => [...y]) }),
      logp: [...answer.logp],
      entropy: [...answer.entropy],
      p_eos: [...answer.p_eos],
      correct: answer.verdict.correct,
      reason: answer.verdict.reason,
    }));
  }

  private answers(
    policy: Policy,
    seed: number,
    values: Values,
    latent?: LatentSampling,
  ): Promise<Judged[]> {
    const { engine, task } = this.parts;
    return sampleResponses(engine, policy, task, {
      problems: heldOutProblems(task, values, PROBES),
      groupSize: 1,
      temperature: values['trainer.temperature'] as number,
      seed,
      stream: STREAM.evaluate,
      ...{ step: 0, latent },
    });
  }
}
