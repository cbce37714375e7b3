/** The Worker's end of the line to the page. */
import type { Command, Event } from './protocol.ts';

/** What a dedicated Worker's global scope is to us; the DOM's own type of it is not among the page's. */
const scope = self as unknown as {
  postMessage(event: Event, transfer: Transferable[]): void;
  onmessage: (message: MessageEvent<Command>) => void;
};

export const post = (event: Event, transfer: Transferable[] = []): void =>
  scope.postMessage(event, transfer);

/** Commands come in the order in which they were sent. */
export function obeyWith(obey: (command: Command) => void): void {
  scope.onmessage = ({ data }) => obey(data);
}
