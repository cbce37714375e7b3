/**
 * The base model: supervised training on demonstrations, in two phases. `practice` teaches the skill and ends on
 * held-out accuracy, because learning comes as a late jump; `mixed` then teaches the habits RL is to change, at a
 * falling learning rate. A seed that stays on the plateau is given up for the next one.
 *
 * A base that is to know hints (core/hints.ts) is told the answer before half of the demonstrations of `mixed`. `practice` is
 * the same for both: with hints in it the skill was still not learned after 600 steps, where it takes 400 without.
 */
import { knowsHints } from '../core/hints.ts';
import type { Values } from '../core/param.ts';
import { Random, STREAM } from '../core/random.ts';
import { composeMethods, SUPERVISED } from '../methods/compose.ts';
import type { TermMethod } from '../methods/method.ts';
import { openPolicy } from '../model/allocation.ts';
import { cutByRows, packBatch, type TrainingSequence } from '../model/batch.ts';
import type { Engine, Policy } from '../model/engine.ts';
import { initialParameters } from '../model/init.ts';
import { update } from '../model/update.ts';
import type { Stage, Task } from '../tasks/task.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import { trainingProblems } from './problems.ts';

const WARM_START = {
  batch: 32,
  adam: { beta1: 0.9, beta2: 0.98, eps: 1e-8, weight_decay: 0, max_grad_norm: 1 },
  check_every: 50,
  check_problems: 64,
  check_samples: 4,
  practice: { learning_rate: 5e-3, warmup: 50, target_accuracy: 0.4, most_steps: 450 },
  mixed: { learning_rate: 2e-3, steps: 300 },
  /** Seeds tried before giving up. */
  attempts: 5,
} as const;

/** The objective: cross entropy, each token counting as much as the task wants it imitated. */
const IMITATION: TermMethod = {
  ...SUPERVISED,
  id: 'imitation',
  wgsl: /* wgsl */ `
    fn imitation(t: Token) -> Term {
      return Term(-t.advantage * t.logp, -t.advantage, 0.0, 0.0);
    }`,
};

/** Share of the demonstrations of `mixed` that tell the answer, where hints are to be known. */
const HINTED = 0.5;

/** The recipe with the task's own changes. */
export function recipeOf({ warmStart = {} }: Task, hasHints = false) {
  return {
    ...WARM_START,
    ...(warmStart.values && { values: warmStart.values }),
    practice: { ...WARM_START.practice, ...warmStart.practice },
    mixed: { ...WARM_START.mixed, ...warmStart.mixed, ...(hasHints && { hinted: HINTED }) },
  };
}

export interface WarmStartResult {
  policy: Policy;
  /** The seed that succeeded. */
  seed: number;
  steps: number;
  evaluation: Evaluation;
}

export interface WarmStartProgress {
  phase: Stage;
  step: number;
  steps: number;
  /** nats per response token, of the last step read back */
  loss: number;
  accuracy: number;
}

/**
 * @throws {RangeError} no attempt left the plateau
 * @throws {Error} `cancelled` answered true
 */
export async function warmStart(
  engine: Engine,
  task: Task,
  values: Values,
  firstSeed: number,
  onProgress: (progress: WarmStartProgress) => void,
  cancelled: () => boolean = () => false,
): Promise<WarmStartResult> {
  const { practice, mixed } = recipeOf(task, knowsHints(task.id, values));
  const taught = { ...values, ...task.warmStart?.values };
  const composed = composeMethods([IMITATION]);
  const loss = await engine.createLoss(composed);
  for (let seed = firstSeed; seed < firstSeed + WARM_START.attempts; seed++) {
    const policy = await openPolicy(engine, initialParameters(engine.layout, seed));
    let step = 0;
    let accuracy = 0;
    let lastLoss = Number.NaN;
    const check = (
      of: Values,
      problems: number = WARM_START.check_problems,
      samples: number = WARM_START.check_samples,
    ): Promise<Evaluation> =>
      evaluate(engine, policy, task, of, { problems, samples, temperature: 1, seed, step });
    const train = async (
      phase: Stage,
      steps: number,
      rate: (i: number) => number,
      until: number,
    ): Promise<boolean> => {
      for (let i = 1; i <= steps; i++) {
        if (cancelled()) throw new Error('warm start: stopped');
        step++;
        const parts = cutByRows(
          demonstrations(task, taught, { seed, step }, phase, i / steps, mixed.hinted),
          engine.workspace.sizes.rows,
        ).map(packBatch);
        const adam = { ...WARM_START.adam, learning_rate: rate(i) };
        // Up to three updates are under way; the read-back of the last tells the loss.
        const result = update(engine, policy, loss, {
          parts,
          temperature: 1,
          adam,
          updateNumber: step,
        });
        // Whoever ends this before it is there, or loses the device, has nobody left who waits for it.
        result.catch(() => {});
        if (i % 10 === 0 || i === steps) {
          lastLoss = (await result).loss;
          if (!Number.isFinite(lastLoss))
            throw new Error(`warm start: loss must be finite, got ${lastLoss} at step ${step}`);
        }
        if (i % WARM_START.check_every === 0) accuracy = (await check(taught)).accuracy;
        if (i % 10 === 0) onProgress({ phase, step: i, steps, loss: lastLoss, accuracy });
        if (i % WARM_START.check_every === 0 && accuracy >= until) return true;
      }
      return false;
    };
    const learned = await train(
      'practice',
      practice.most_steps,
      (i) => practice.learning_rate * Math.min(1, i / practice.warmup),
      practice.target_accuracy,
    );
    if (learned) {
      await train(
        'mixed',
        mixed.steps,
        (i) => mixed.learning_rate * (1 - (i - 1) / mixed.steps),
        Number.POSITIVE_INFINITY,
      );
      return { policy, seed, steps: step, evaluation: await check(values, 96, 8) };
    }
    engine.destroyPolicy(policy);
  }
  throw new RangeError(
    `warm start: none of ${WARM_START.attempts} seeds learned the task; try other task settings`,
  );
}

/** A batch of demonstrations with weight 1/tokens each, tokens counted by their emphasis: the mean negative log-likelihood. */
function demonstrations(
  task: Task,
  values: Values,
  { seed, step }: { seed: number; step: number },
  stage: Stage,
  progress: number,
  hinted = 0,
): TrainingSequence[] {
  const count = WARM_START.batch;
  const problems = trainingProblems(task, values, seed, STREAM.demonstration, step, count);
  const sequences = problems.map((problem, i) => {
    const random = new Random(seed, STREAM.shuffle, step, i);
    const response = task.demonstrate(problem, random, values, stage, progress);
    // Drawn last, so that a base without hints has the demonstrations that it always had.
    const { hint } = task;
    const isHinted = stage === 'mixed' && hint && random.next() < hinted;
    const prompt = isHinted ? hint(problem) : task.prompt(problem);
    const emphasis = task.emphasis?.(response, stage, progress) ?? response.map(() => 1);
    return { prompt, response, weight: 0, advantage: emphasis, old_logp: [] };
  });
  const tokens = sequences.flatMap(({ advantage }) => advantage).reduce((a, b) => a + b, 0);
  return sequences.map((s) => ({ ...s, weight: 1 / tokens }));
}
