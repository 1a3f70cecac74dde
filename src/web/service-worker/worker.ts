/**
 * Keeps the files of the page, and nothing else, so that it opens while the service is away. Calls of the API, pictures
 * and answers go past it.
 *
 * A page is of one build: the names of its files change with what is in them, those of an open page stay here until the
 * last one that uses them was closed, and only then does the next build's worker take over.
 */
declare const self: ServiceWorkerGlobalScope;
/** Put before this file when it is built (`scripts/page/shell.js`): addresses relative to the page. */
declare const SHELL: { readonly version: string; readonly files: readonly string[] };

/** After this long, the page opens from here. */
const PATIENCE_MS = 4000;

const index = self.registration.scope;
/** Pages below other paths of the same host have caches of their own. */
const OWN = `kaiyan ${index} `;
const CACHE = `${OWN}${SHELL.version}`;
const addresses = new Set(SHELL.files.map((file) => new URL(file, index).href));

self.addEventListener('install', (event) => event.waitUntil(keep()));
self.addEventListener('activate', (event) => event.waitUntil(takeOver()));
self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET') return;
  if (addresses.has(request.url)) event.respondWith(kept(request.url).then((file) => file ?? fetch(request)));
  else if (request.mode === 'navigate' && isIndex(request.url)) event.respondWith(open(request));
});

async function keep(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll([...addresses].map(requestFor));
  const page = await fetch(index, { cache: 'no-cache' });
  if (!page.ok || page.redirected || !(await isOfThisBuild(page.clone())))
    throw new Error('what the service gives is not the page of this build');
  await cache.put(index, page);
}

/** What has a name for itself alone is as good from the browser's own cache. */
const requestFor = (address: string) =>
  new Request(address, { cache: address.startsWith(`${index}assets/`) ? 'default' : 'no-cache' });

/** Behind a balancer, or during an update, it may be that of another one. */
async function isOfThisBuild(page: Response): Promise<boolean> {
  const named = (await page.text()).match(/assets\/[\w.-]+/g) ?? [];
  return named.every((name) => SHELL.files.includes(name));
}

async function takeOver(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(OWN) && name !== CACHE).map((name) => caches.delete(name)));
  await self.clients.claim();
}

function isIndex(address: string): boolean {
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname}` === index;
}

/** The page as the service has it now, or, if that does not come or a proxy has an error instead, as it is kept. */
async function open(request: Request): Promise<Response> {
  const fresh = fetch(request);
  const timeout = new Promise<undefined>((resolve) => setTimeout(resolve, PATIENCE_MS));
  const answer = await Promise.race([fresh.catch(() => undefined), timeout]);
  if (answer && answer.status < 500) return answer;
  return (await kept(index)) ?? fresh;
}

async function kept(address: string): Promise<Response | undefined> {
  const cache = await caches.open(CACHE);
  return cache.match(address, { ignoreVary: true });
}

export {};
