/**
 * The page's end of the protocol. A client is anything that takes commands and tells events, so that the page runs
 * the same on the real Worker, on one end of a MessageChannel in a test, and on the development harness.
 */
import type { Command, Event } from './protocol.ts';

/** What a client needs of a Worker or a MessagePort. */
export interface Port {
  postMessage(message: Command, transfer?: Transferable[]): void;
  onmessage: ((message: MessageEvent<Event>) => unknown) | null;
}

export interface Client {
  send(command: Command): void;
  /** One listener; a later call replaces it. */
  onEvent(listener: (event: Event) => void): void;
  close(): void;
}

export function clientOf(port: Port, close: () => void = () => {}): Client {
  return {
    // A resume hands its buffers over by copying: the page keeps them in case the first try fails too.
    send: (command) => port.postMessage(command),
    onEvent: (listener) => {
      port.onmessage = (message) => listener(message.data);
    },
    close,
  };
}

/** The client for what stands behind a listener that sees every event first, and every command before it is sent. */
export function overheard(
  client: Client,
  send: (command: Command) => void,
  take: (event: Event) => void,
): Client {
  return {
    ...client,
    send,
    onEvent: (listener) =>
      client.onEvent((event) => {
        take(event);
        listener(event);
      }),
  };
}

/** The engine in its own thread. A Worker that cannot load or throws outside its own handlers is told as `failed`. */
export function spawnClient(): Client {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const client = clientOf(worker, () => worker.terminate());
  return {
    ...client,
    onEvent: (listener) => {
      client.onEvent(listener);
      worker.onerror = (error) =>
        listener(crashed(error.message || 'the Worker could not be loaded'));
      worker.onmessageerror = () =>
        listener(crashed('a message from the Worker could not be read'));
    },
  };
}

function crashed(message: string): Event {
  return {
    type: 'failed',
    message: `worker: ${message}`,
    advice: 'Reload the page. The settings are kept in its address when you share it first.',
    recoverable: false,
  };
}
