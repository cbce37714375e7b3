/**
 * Keeps one step of a seed's arms for a slow look (slow_look.ts): which step, which arms, and who waits for it. The step
 * itself is trained as always.
 */
import type { SlowArm, SlowStep } from '../core/slow_step.ts';
import type { Inspector } from './inspect.ts';
import type { Learned, Run } from './run.ts';
import type { StepBatch } from './run_parts.ts';
import { lookAt } from './slow_look.ts';

export class SlowWatch {
  readonly seen: Promise<SlowStep>;
  private readonly kept = new Map<string, SlowArm>();
  /** Which prompt: the first arm's choice, that all arms can be compared. */
  private prompt: readonly number[] | undefined;
  private resolve!: (step: SlowStep) => void;
  private reject!: (error: unknown) => void;

  /** @param awaited arms that are to take `step` */
  private constructor(
    private readonly inspector: Inspector,
    private readonly seed: number,
    readonly step: number,
    private readonly awaited: readonly string[],
  ) {
    this.seen = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Whoever asked hears of it; nobody else has to.
    this.seen.catch(() => {});
  }

  /**
   * Of the next step that none of a seed's runs has begun.
   * @param open runs with steps to go
   * @throws {Error} none of this seed
   */
  static next(inspector: Inspector, open: readonly Run[], seed: number): SlowWatch {
    const own = open.filter((run) => run.seed === seed);
    if (own.length === 0)
      throw new Error(`slow motion: runs of seed ${seed} must have steps to go, got none`);
    const planned = (own[0] as Run).setting('trainer.steps');
    const step = Math.min(planned, Math.max(...own.map((run) => run.step)) + 1);
    const arms = own.map((run) => run.arm);
    return new SlowWatch(inspector, seed, step, arms);
  }

  isFor({ seed, step, arm }: Run): boolean {
    return seed === this.seed && step + 1 === this.step && this.awaited.includes(arm);
  }

  /** `run.learn`, looked at. Call `keep` of what it gives when the step is done; it does not fail. */
  async learn(run: Run, batch: StepBatch): Promise<{ learned: Learned; keep(): Promise<void> }> {
    const look = await lookAt(this.inspector, run, batch, this.prompt).catch(this.reject);
    if (!look) return { learned: await run.learn(batch), keep: async () => {} };
    this.prompt ??= look.prompt;
    const learned = await run.learn(batch, look.witness);
    const keep = () => look.finish(learned).then((arm) => void this.kept.set(run.arm, arm));
    return { learned, keep: () => keep().catch(this.reject) };
  }

  /** Ends the watch, when the runs stand: with the arms that took the step, or saying why there is none. */
  close(why: string): void {
    const arms = this.awaited.flatMap((arm) => this.kept.get(arm) ?? []);
    if (arms.length > 0) this.resolve({ seed: this.seed, step: this.step, arms });
    else this.reject(new Error(`slow motion: ${why}`));
  }

  /** Whether every arm of these that can still take the step has. */
  isComplete(open: readonly Run[]): boolean {
    return !open.some(({ seed, step }) => seed === this.seed && step < this.step);
  }
}
