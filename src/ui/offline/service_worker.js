/**
 * Keeps the page for use without a network. The build fills in what to keep (src/cli/precache.mjs): every file of one
 * build, under that build's name, so that parts of two builds are never mixed.
 */
const VERSION = '__VERSION__';
const FILES = ['__FILES__'];

const scope = self.registration.scope;
/** One origin may serve several copies of the page; each has its own stores. */
const prefix = `entroscope ${scope} `;
const name = prefix + VERSION;

self.addEventListener('install', (event) => {
  const requests = FILES.map((file) => new Request(new URL(file, scope), { cache: 'reload' }));
  event.waitUntil(caches.open(name).then((cache) => cache.addAll(requests)));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(tidy().then(() => self.clients.claim()));
});

/** Lies in the store of a build that pages have been served from. */
const mark = new URL('.served', scope).href;

/** The build that was served before this one stays: another tab may still need its parts. One that only waited goes. */
async function tidy() {
  const older = (await caches.keys()).filter((key) => key.startsWith(prefix) && key !== name);
  const marks = await Promise.all(older.map(async (key) => (await caches.open(key)).match(mark)));
  const last = older.filter((_, i) => marks[i]).at(-1) ?? older.at(-1);
  await Promise.all(older.filter((key) => key !== last).map((key) => caches.delete(key)));
  await (await caches.open(name)).put(mark, new Response());
}

// A new build waits until the page says so: a run in progress is not interrupted.
self.addEventListener('message', (event) => {
  if (event.data === 'activate') self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method === 'GET' && request.url.startsWith(scope)) {
    event.respondWith(answer(request));
  }
});

async function answer(request) {
  const url = new URL(request.url);
  const isPage = request.mode === 'navigate' && url.pathname === new URL(scope).pathname;
  const wanted = isPage ? new URL('index.html', scope) : request;
  const cache = await caches.open(name);
  const kept = await cache.match(wanted, { ignoreSearch: isPage });
  if (kept) return kept;
  try {
    const fresh = await fetch(request);
    if (fresh.ok) return fresh;
    return (await earlier(request)) ?? fresh;
  } catch (error) {
    const old = await earlier(request);
    if (old) return old;
    throw error;
  }
}

/** A file of the build before. */
async function earlier(request) {
  for (const key of await caches.keys()) {
    const found = key.startsWith(prefix) && (await (await caches.open(key)).match(request));
    if (found) return found;
  }
  return undefined;
}
