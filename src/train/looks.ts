/** What can be asked of a session's runs from outside while they train; each answer sees whole steps. */
import { activeMethods } from '../core/catalog.ts';
import type { Arm, Experiment, RunId } from '../core/experiment.ts';
import type { InspectedResponse, Inspection } from '../core/inspection.ts';
import type { ExportedFile } from '../core/report.ts';
import type { TrustLoss } from '../core/trust.ts';
import { METHODS } from '../methods/index.ts';
import type { Method } from '../methods/method.ts';
import type { Engine } from '../model/engine.ts';
import type { Task } from '../tasks/task.ts';
import { readAnswers } from './answers.ts';
import { huggingFaceFiles } from './export.ts';
import type { Inspector } from './inspect.ts';
import { inspectedTerms, knownColumns, type TermsOwner } from './inspected_terms.ts';
import type { Run } from './run.ts';

export interface LooksParts {
  engine: Engine;
  task: Task;
  experiment: Experiment;
  runs: readonly Run[];
  inspector: Inspector;
}

export class Looks {
  constructor(
    private readonly parts: LooksParts,
    /** Does the work when no turn is under way. */
    private readonly betweenTurns: <T>(work: () => Promise<T>) => Promise<T>,
  ) {}

  /**
   * A run's weights between two turns, as the files of a Hugging Face folder.
   * @throws {RangeError} no such run
   */
  exportWeights(id: RunId): Promise<{ step: number; files: ExportedFile[] }> {
    const { engine, task } = this.parts;
    const run = this.runOf('export', id);
    return this.betweenTurns(async () => {
      const { step } = run;
      const { policy } = run.parts;
      const { parameters } = await engine.readPolicy(policy);
      return { step, files: huggingFaceFiles(task, policy.layout, parameters, run.settings) };
    });
  }

  /**
   * Responses under a run's model as it is between two turns, with every term of every arm's loss, and what each prefix
   * says of the answer where a response asks for it.
   * @throws {RangeError} no such run, or a response that the buffers cannot hold
   */
  async inspect(id: RunId, responses: readonly InspectedResponse[]): Promise<Inspection> {
    const { engine, task, inspector } = this.parts;
    const run = this.runOf('inspect', id);
    const { terms, arms } = inspectedTerms(this.termsOwners(id.seed), {
      arm: id.arm,
      columns: knownColumns(responses),
    });
    const temperature = run.setting('trainer.temperature');
    const prepared = await inspector.prepare(terms);
    return this.betweenTurns(async () => {
      const { arm, seed, step, parts } = run;
      const { policy } = parts;
      const asked = responses.flatMap((r) =>
        r.right === undefined ? [] : [{ ...r, right: r.right }],
      );
      const [measured, readings] = await Promise.all([
        inspector.measure(policy, prepared, responses, temperature),
        asked.length > 0 ? readAnswers(engine, policy, task, asked, temperature) : [],
      ]);
      let next = 0;
      const looked = measured.map((response, i) => ({
        ...response,
        answers: responses[i]?.right === undefined ? undefined : readings[next++],
      }));
      return { arm, seed, step, temperature, arms, responses: looked };
    });
  }

  /** The fused loss of every arm as it was compiled. */
  losses(): TrustLoss[] {
    const { runs } = this.parts;
    const first = runs.filter((run) => run.seed === runs[0]?.seed);
    return first.map(({ arm, parts }) => ({
      arm,
      methods: this.methodsOf(arm).map((method) => method.id),
      wgsl: parts.loss.launch.kernel.code,
      ...(parts.loss.note && { note: parts.loss.note }),
    }));
  }

  private runOf(where: string, { arm, seed }: RunId): Run {
    const run = this.parts.runs.find((r) => r.arm === arm && r.seed === seed);
    if (!run) throw new RangeError(`${where}: run must exist, got ${arm}/${seed}`);
    return run;
  }

  private methodsOf(arm: string): Method[] {
    const { experiment } = this.parts;
    const own = experiment.arms.find((a) => a.id === arm) as Arm;
    return activeMethods(experiment, own, METHODS);
  }

  private termsOwners(seed: number): TermsOwner[] {
    return this.parts.runs
      .filter((run) => run.seed === seed)
      .map(({ arm, settings }) => ({ arm, methods: this.methodsOf(arm), settings }));
  }
}
