/**
 * λ and −A of the tokens of a step, for whoever looks at them: IB regularization puts one in the place of the other
 * (arXiv:2507.18391). Of the first seed of each arm that has a λ, at most once a second, and a share of the tokens.
 */
import type { RunId } from '../core/experiment.ts';
import { needsHints } from '../core/hints.ts';
import type { TokenPairs } from '../core/report.ts';
import { correlation } from '../core/statistics.ts';
import { isTerm } from '../methods/method.ts';
import type { Run } from './run.ts';
import type { StepBatch } from './run_parts.ts';

/** Tokens that are told; the correlation is of all. */
const MOST = 600;
const EVERY_MS = 1000;

export class Pairs {
  isAsked = false;
  private readonly told = new Map<string, number>();

  /** @param seed whose runs are told of */
  constructor(
    private readonly seed: number | undefined,
    private readonly tell: (run: RunId, pairs: TokenPairs) => void,
  ) {}

  /** After a step: `batch` is what it learned from. */
  show(run: Run, batch: StepBatch, now = performance.now()): void {
    const { arm, seed } = run;
    if (!this.isAsked || seed !== this.seed) return;
    if (now - (this.told.get(arm) ?? Number.NEGATIVE_INFINITY) < EVERY_MS) return;
    const method = run.parts.methods.filter(isTerm).find(needsHints);
    const lambda = method?.constants?.(batch.tokens, run.settings);
    if (!lambda) return;
    this.told.set(arm, now);
    const minusA = batch.tokens.advantage.map((a) => -a);
    const every = Math.ceil(lambda.length / MOST);
    const count = Math.ceil(lambda.length / every);
    const pick = (of: Float32Array) =>
      Float32Array.from({ length: count }, (_, i) => of[i * every] as number);
    this.tell(
      { arm, seed },
      {
        ...{ step: run.step, tokens: lambda.length, r: correlation(lambda, minusA) },
        ...{ lambda: pick(lambda), minusA: pick(minusA) },
      },
    );
  }
}
