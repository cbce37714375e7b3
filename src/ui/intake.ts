/** Takes in what the engine measures and lets readers know at a calm rate: curves 5 times a second, responses 2 times. */
import { type RunId, runKey } from '../core/experiment.ts';
import type { Event } from '../worker/protocol.ts';
import type { History } from './history.ts';
import { withProbes } from './packed_probes.ts';
import {
  type DifficultyEvent,
  NO_DETAILS,
  type ProbesEvent,
  type ResponsesEvent,
  type RunDetails,
  type Store,
} from './store.ts';

/** What a kept run brings with it. */
export interface Kept {
  fill(history: History): void;
  details: RunDetails;
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
  private known: RunDetails = NO_DETAILS;
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

  details(event: DifficultyEvent | ResponsesEvent | ProbesEvent): void {
    const key = runKey(event satisfies RunId);
    const { responses, difficulty, probes } = this.known;
    if (event.type === 'responses') {
      const newest = newestResponses(responses[key], event);
      this.known = { ...this.known, responses: { ...responses, [key]: newest } };
    } else if (event.type === 'probes') {
      this.known = { ...this.known, probes: { ...probes, [key]: withProbes(probes[key], event) } };
    } else {
      const first = difficulty[key]?.first ?? event;
      this.known = { ...this.known, difficulty: { ...difficulty, [key]: { first, last: event } } };
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
    this.known = NO_DETAILS;
    this.running &&= { since: performance.now(), steps: 0 };
    this.history.clear();
    this.flushDetails();
  }

  /** Replaces everything by what a kept run brings. */
  restore(kept: Kept): void {
    this.clear();
    kept.fill(this.history);
    this.known = kept.details;
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
    const { responses, difficulty, probes } = this.known;
    const now = this.store.getState();
    if (now.responses !== responses || now.difficulty !== difficulty || now.probes !== probes) {
      this.store.setState({ responses, difficulty, probes });
    }
  }

  /** Steps of all runs together. */
  private steps(): number {
    return this.history.runs().reduce((sum, run) => sum + Math.max(0, run.length - 1), 0);
  }
}

/** Newest first; a run that was resumed comes by the same step again. */
export function newestResponses<T extends { step: number }>(
  known: readonly T[] = [],
  event: T,
): readonly T[] {
  return [event, ...known.filter(({ step }) => step < event.step)].slice(0, KEPT_STEPS);
}
