/** Installs the service worker and notices when a new version of the page has arrived. */

let waiting: ServiceWorker | undefined;
const listeners = new Set<() => void>();

export const updates = {
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  /** A new version is there and waits for a reload. */
  isReady: () => waiting !== undefined,
  /** Takes the new version: the page reloads. */
  take(): void {
    // Another tab has taken it already: nothing will take over any more.
    if (waiting?.state !== 'installed') {
      location.reload();
      return;
    }
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), {
      once: true,
    });
    waiting.postMessage('activate');
  },
};

/** Once the page stands. Where it is not possible, the page works all the same, with a network. */
export async function keepOffline(base: string): Promise<void> {
  if (import.meta.env.MODE !== 'production' || !('serviceWorker' in navigator)) return;
  try {
    const registration = await navigator.serviceWorker.register(`${base}sw.js`);
    notice(registration, registration.waiting);
    registration.addEventListener('updatefound', () => {
      const worker = registration.installing;
      worker?.addEventListener('statechange', () => {
        if (worker.state === 'installed') notice(registration, worker);
      });
    });
  } catch {
    // Private windows and some policies refuse it.
  }
}

/** The very first version has nothing to replace. */
function notice(registration: ServiceWorkerRegistration, worker: ServiceWorker | null): void {
  if (!worker || !registration.active) return;
  waiting = worker;
  for (const listener of listeners) listener();
}
