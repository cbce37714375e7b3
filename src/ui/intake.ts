/** Takes in what the engine measures and lets readers know at a calm rate: curves 5 times a second, responses 2 times. */
import { type RunId, runKey } from '../core/experiment.ts';
import type { Event } from '../worker/protocol.ts';
import type { History } from './history.ts';
import type { DifficultyEvent, ResponsesEvent, Session, Store } from './store.ts';

/** What a kept run brings with it. */
export interface Kept {
  fill(history: History): void;
  responses: readonly ResponsesEvent[];
  difficulty: readonly { first: DifficultyEvent; last: DifficultyEvent }[];
}

const CURVES_MS = 200;
const RESPONSES_MS = 500;
/** Steps of responses kept per run: the newest and the one before. */
const KEPT_STEPS = 2;

export class Intake {
  private readonly store: Store;
  private readonly history: History;
  private curvesTimer: ReturnType<typeof setTimeout> | undefined;
  private responsesTimer: ReturnType<typeof setTimeout> | undefined;
  private responses: Record<string, ResponsesEvent[]> = {};
  private difficulty: Record<string, { first: DifficultyEvent; last: DifficultyEvent }> = {};
  /** While running: when that began and how many steps of runs there were. */
  private running: { since: number; steps: number } | undefined;

  constructor(store: Store, history: History) {
    this.store = store;
    this.history = history;
  }

  points(event: Extract<Event, { type: 'points' }>): void {
    this.history.append(event, event.firstStep, event.values);
    this.curvesTimer ??= setTimeout(() => this.flushCurves(), CURVES_MS);
  }

  details(event: DifficultyEvent | ResponsesEvent): void {
    const key = runKey(event satisfies RunId);
    if (event.type === 'responses') {
      this.responses = {
        ...this.responses,
        [key]: [event, ...(this.responses[key] ?? [])].slice(0, KEPT_STEPS),
      };
    } else {
      const first = this.difficulty[key]?.first ?? event;
      this.difficulty = { ...this.difficulty, [key]: { first, last: event } };
    }
    this.responsesTimer ??= setTimeout(() => this.flushDetails(), RESPONSES_MS);
  }

  setRunning(isRunning: boolean): void {
    if (isRunning === Boolean(this.running)) return;
    this.running = isRunning ? { since: performance.now(), steps: this.steps() } : undefined;
  }

  flush(): void {
    this.flushCurves();
    this.flushDetails();
  }

  clear(): void {
    this.responses = {};
    this.difficulty = {};
    this.running &&= { since: performance.now(), steps: 0 };
    this.history.clear();
    this.flushDetails();
  }

  /** Replaces everything by what a kept run brings. */
  restore(kept: Kept): void {
    this.clear();
    kept.fill(this.history);
    this.responses = Object.fromEntries(kept.responses.map((event) => [runKey(event), [event]]));
    this.difficulty = Object.fromEntries(kept.difficulty.map((pair) => [runKey(pair.last), pair]));
    this.flush();
  }

  close(): void {
    clearTimeout(this.curvesTimer);
    clearTimeout(this.responsesTimer);
  }

  private flushCurves(): void {
    clearTimeout(this.curvesTimer);
    this.curvesTimer = undefined;
    this.history.flush();
    if (!this.running) return;
    const steps = this.steps() - this.running.steps;
    const seconds = (performance.now() - this.running.since) / 1000;
    if (steps >= 2) this.store.setState({ secondsPerStep: seconds / steps });
  }

  private flushDetails(): void {
    clearTimeout(this.responsesTimer);
    this.responsesTimer = undefined;
    const { responses, difficulty } = this;
    const now: Session = this.store.getState();
    if (now.responses !== responses || now.difficulty !== difficulty) {
      this.store.setState({ responses, difficulty });
    }
  }

  /** Steps of all runs together. */
  private steps(): number {
    return this.history.runs().reduce((sum, run) => sum + Math.max(0, run.length - 1), 0);
  }
}
