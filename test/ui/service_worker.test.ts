// The service worker's own file in a browser of maps: which builds stay when one takes over.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const CODE = readFileSync(
  new URL('../../src/ui/offline/service_worker.js', import.meta.url),
  'utf8',
);
const SCOPE = 'http://page/';

type Listener = (event: { waitUntil(work: Promise<unknown>): void }) => void;

function browser() {
  const stores = new Map<string, Map<string, Response>>();
  const urlOf = (request: Request | URL | string) =>
    request instanceof Request ? request.url : String(request);
  const caches = {
    keys: async () => [...stores.keys()],
    delete: async (name: string) => stores.delete(name),
    open: async (name: string) => {
      const store = stores.get(name) ?? new Map<string, Response>();
      stores.set(name, store);
      return {
        addAll: async (requests: Request[]) => {
          for (const { url } of requests) store.set(url, new Response());
        },
        match: async (request: Request | URL | string) => store.get(urlOf(request)),
        put: async (request: Request | URL | string, response: Response) =>
          void store.set(urlOf(request), response),
      };
    },
  };
  /** A worker of this build. */
  const build = (version: string) => {
    const listeners: Record<string, Listener> = {};
    const self = {
      registration: { scope: SCOPE },
      clients: { claim: async () => {} },
      addEventListener: (type: string, listener: Listener) => {
        listeners[type] = listener;
      },
    };
    const code = CODE.replace('__VERSION__', version).replace('__FILES__', `${version}.js`);
    new Function('self', 'caches', code)(self, caches);
    return async (type: 'install' | 'activate') => {
      let work: Promise<unknown> = Promise.resolve();
      listeners[type]({
        waitUntil(given) {
          work = given;
        },
      });
      await work;
    };
  };
  const versions = () => [...stores.keys()].map((key) => key.split(' ').at(-1));
  return { build, versions };
}

test('the build that open tabs came from stays, whatever waited in between', async () => {
  const { build, versions } = browser();
  const first = build('one');
  await first('install');
  await first('activate');
  // Nobody took the second before the third came.
  await build('two')('install');
  const third = build('three');
  await third('install');
  await third('activate');
  expect(versions()).toEqual(['one', 'three']);
  const fourth = build('four');
  await fourth('install');
  await fourth('activate');
  expect(versions()).toEqual(['three', 'four']);
});
