// A new version of the page has come: what the button does, in the tab that takes it and in one beside it.
import { afterEach, expect, test, vi } from 'vitest';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  vi.resetModules();
});

/** A browser with an active worker and one that waits. */
async function withWaiting() {
  const reload = vi.fn();
  const listeners: (() => void)[] = [];
  const worker = { state: 'installed', postMessage: vi.fn() };
  const registration = { active: {}, waiting: worker, addEventListener: () => {} };
  vi.stubEnv('MODE', 'production');
  vi.stubGlobal('location', { reload });
  vi.stubGlobal('navigator', {
    serviceWorker: {
      register: async () => registration,
      addEventListener: (_: string, listener: () => void) => listeners.push(listener),
    },
  });
  const { keepOffline, updates } = await import('../../src/ui/offline/updates.ts');
  await keepOffline('/');
  return { updates, worker, reload, controllerChanges: () => listeners.map((listen) => listen()) };
}

test('it is activated, and the page reloads when it has taken over', async () => {
  const { updates, worker, reload, controllerChanges } = await withWaiting();
  expect(updates.isReady()).toBe(true);
  updates.take();
  expect(worker.postMessage).toHaveBeenCalledWith('activate');
  expect(reload).not.toHaveBeenCalled();
  controllerChanges();
  expect(reload).toHaveBeenCalledOnce();
});

test('what another tab has taken already needs a reload alone', async () => {
  const { updates, worker, reload } = await withWaiting();
  worker.state = 'activated';
  updates.take();
  expect(reload).toHaveBeenCalledOnce();
});
