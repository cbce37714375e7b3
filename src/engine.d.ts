// The globals that a page, a Worker and Node have in common: all that the engine may use besides
// the language and WebGPU. The engine is checked without the DOM and without Node (see
// tsconfig.engine.json), so that `document` or `process` in it is a type error.
interface EventInit {
  bubbles?: boolean;
  cancelable?: boolean;
}
interface Event {
  readonly type: string;
}
interface EventTarget {
  addEventListener(type: string, listener: (event: Event) => void): void;
  removeEventListener(type: string, listener: (event: Event) => void): void;
}
interface DOMException extends Error {
  readonly code: number;
}
interface AbortSignal extends EventTarget {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
}
declare var AbortController: {
  new (): { readonly signal: AbortSignal; abort(reason?: unknown): void };
};
declare var Event: { new (type: string, init?: EventInit): Event };
declare var EventTarget: { new (): EventTarget };

declare var console: Record<
  'debug' | 'error' | 'info' | 'log' | 'warn',
  (...data: unknown[]) => void
>;
declare var performance: { now(): number; readonly timeOrigin: number };
declare var crypto: {
  getRandomValues<T extends ArrayBufferView>(array: T): T;
  randomUUID(): string;
  readonly subtle: { digest(algorithm: string, data: BufferSource): Promise<ArrayBuffer> };
};
type BufferSource = ArrayBufferView<ArrayBuffer> | ArrayBuffer;
declare var TextEncoder: { new (): { encode(text?: string): Uint8Array<ArrayBuffer> } };
declare var TextDecoder: {
  new (label?: string, options?: { fatal?: boolean }): { decode(bytes?: BufferSource): string };
};
declare var URLSearchParams: {
  new (query?: string | readonly (readonly [string, string])[]): Iterable<[string, string]>;
};
declare function setTimeout(callback: () => void, milliseconds?: number): number;
declare function clearTimeout(id: number | undefined): void;
declare function queueMicrotask(callback: () => void): void;
declare function structuredClone<T>(value: T, options?: { transfer?: ArrayBuffer[] }): T;
declare function atob(base64: string): string;
declare function btoa(binary: string): string;
