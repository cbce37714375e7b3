/**
 * Looks at single tokens and the engine's check of itself, from the page's side. Stands between the
 * client and sync.ts: it sees every event first, and asks the engine in its own words.
 */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { RunId } from '../../core/experiment.ts';
import type { InspectedResponse, Inspection } from '../../core/inspection.ts';
import type { ProfileReport } from '../../core/profile.ts';
import type { TrustReport } from '../../core/trust.ts';
import { type Client, overheard } from '../../worker/client.ts';
import type { Command, Event, ResponseSample } from '../../worker/protocol.ts';

/** One token of one response as it was sampled. */
export interface Target extends RunId {
  /** At which the response was sampled. */
  step: number;
  prompt: readonly number[];
  sample: ResponseSample;
  position: number;
}

export interface LensState {
  target?: Target;
  /** What the slider says; undefined: the response's own advantage. */
  whatIf?: number;
  /** Of the target's response; kept while newer numbers are on their way. */
  inspection?: Inspection;
  isWaiting: boolean;
  /** Why there is nothing to see. */
  message?: string;
  trust: { isRunning: boolean; report?: TrustReport; message?: string };
  profile: { isRunning: boolean; report?: ProfileReport; message?: string };
}

export interface Lens {
  /** For sync.ts, instead of the client itself. */
  client: Client;
  store: StoreApi<LensState>;
  /** Opens the microscope. */
  look(target: Target): void;
  move(position: number): void;
  setWhatIf(advantage: number | undefined): void;
  /** The same token under the model as it is by now. */
  refresh(): void;
  close(): void;
  /** The runs of what was seen are gone from the engine or from the page. */
  forget(): void;
  /** @throws {Error} what the engine answers instead */
  ask(run: RunId, responses: InspectedResponse[]): Promise<Inspection>;
  checkEngine(): void;
  /** What tokens tell about the answer is read at evaluations from now on. @returns what ends it */
  watchGains(): () => void;
  profileStep(): void;
}

/** A sample as the engine is asked about it. @param whatIf an advantage instead of its own */
export function lookedAt(
  prompt: readonly number[],
  sample: ResponseSample,
  whatIf?: number,
): InspectedResponse {
  const { tokens, logp, constants, mixtures } = sample;
  const advantage = whatIf ?? sample.advantages ?? sample.advantage;
  return { prompt, tokens, logp, advantage, constants, ...(mixtures && { mixtures }) };
}

export function createLens(client: Client): Lens {
  const store = createStore<LensState>(() => ({
    isWaiting: false,
    trust: { isRunning: false },
    profile: { isRunning: false },
  }));
  const waiting = new Map<number, (event: Extract<Event, { type: 'inspection' }>) => void>();
  let lastId = 0;
  /** Something changed while an answer was on its way. */
  let isStale = false;

  function send(command: Command): void {
    // Other runs: what was seen of the ones before is no longer true.
    if (command.type === 'open' && !command.resume) forget();
    client.send(command);
  }

  function forget(): void {
    store.setState({ target: undefined, inspection: undefined });
  }

  function take(event: Event): void {
    if (event.type === 'inspection') {
      waiting.get(event.id)?.(event);
      waiting.delete(event.id);
    }
    if (event.type === 'trust') {
      store.setState({
        trust: event.report
          ? { isRunning: false, report: event.report }
          : { isRunning: false, message: event.message },
      });
    }
    if (event.type === 'profile') {
      const { report, message } = event as { report?: ProfileReport; message?: string };
      store.setState({ profile: { isRunning: false, report, message } });
    }
    if (event.type === 'failed') {
      store.setState({ profile: { isRunning: false } });
      if (!event.recoverable) giveUp(event.message);
    }
  }

  /** An engine that is gone answers no more. */
  function giveUp(message: string): void {
    const { trust } = store.getState();
    if (trust.isRunning) store.setState({ trust: { isRunning: false, message } });
    for (const [id, answer] of waiting) answer({ type: 'inspection', id, message });
    waiting.clear();
  }

  function ask(run: RunId, responses: InspectedResponse[]): Promise<Inspection> {
    const id = ++lastId;
    return new Promise((resolve, reject) => {
      waiting.set(id, (event) =>
        event.inspection ? resolve(event.inspection) : reject(new Error(event.message)),
      );
      send({ type: 'inspect', id, arm: run.arm, seed: run.seed, responses });
    });
  }

  async function refresh(): Promise<void> {
    const { target, whatIf, isWaiting } = store.getState();
    if (!target) return;
    isStale = isWaiting;
    if (isWaiting) return;
    store.setState({ isWaiting: true, message: undefined });
    const { arm, seed, prompt, sample } = target;
    const answer = await ask({ arm, seed }, [lookedAt(prompt, sample, whatIf)]).then(
      (inspection) => ({ inspection, message: undefined }),
      (error: Error) => ({ inspection: undefined, message: error.message }),
    );
    store.setState({ isWaiting: false });
    if (store.getState().target?.sample === sample) store.setState(answer);
    if (isStale) {
      isStale = false;
      void refresh();
    }
  }

  return {
    client: overheard(client, send, take),
    store,
    look(target) {
      const isSame = store.getState().target?.sample === target.sample;
      store.setState({ target, whatIf: undefined, message: undefined });
      if (!isSame) store.setState({ inspection: undefined });
      void refresh();
    },
    move: (position) =>
      store.setState(({ target }) => ({ target: target && { ...target, position } })),
    setWhatIf(whatIf) {
      store.setState({ whatIf });
      void refresh();
    },
    refresh: () => void refresh(),
    close: () => store.setState({ target: undefined, whatIf: undefined }),
    forget,
    ask,
    watchGains() {
      send({ type: 'gains', isAsked: true });
      return () => send({ type: 'gains', isAsked: false });
    },
    checkEngine() {
      store.setState({ trust: { isRunning: true } });
      send({ type: 'trust' });
    },
    profileStep() {
      store.setState({ profile: { isRunning: true } });
      send({ type: 'profile' });
    },
  };
}
