/**
 * λ and −A of single tokens from the page's side: asked for while somebody looks, the newest of each arm. Stands between
 * the client and sync.ts as the microscope's lens does.
 */
import { createStore, type StoreApi } from 'zustand/vanilla';
import { type Client, overheard } from '../../worker/client.ts';
import type { Command, Event } from '../../worker/protocol.ts';

export type ArmPairs = Extract<Event, { type: 'pairs' }>;

export interface TokenPairsView {
  /** For what stands behind, instead of the client itself. */
  client: Client;
  /** Newest by arm. */
  store: StoreApi<Readonly<Record<string, ArmPairs>>>;
  /** Somebody looks. @returns what ends it */
  watch(): () => void;
}

export function createPairs(client: Client): TokenPairsView {
  const store = createStore<Readonly<Record<string, ArmPairs>>>(() => ({}));
  let watching = 0;
  /** Other runs were asked for; what still comes is of those before. */
  let isOpening = false;

  function send(command: Command): void {
    if (command.type === 'open') isOpening = true;
    // Other runs, or the same ones at the base.
    if (command.type === 'open' || command.type === 'reset') store.setState({}, true);
    client.send(command);
  }

  function take(event: Event): void {
    if (event.type === 'opened') isOpening = false;
    if (event.type === 'pairs' && !isOpening) store.setState({ [event.arm]: event });
  }

  return {
    client: overheard(client, send, take),
    store,
    watch() {
      if (++watching === 1) client.send({ type: 'pairs', isAsked: true });
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        if (--watching === 0) client.send({ type: 'pairs', isAsked: false });
      };
    },
  };
}
