/** Builds of the page before a real service, as a proxy has them: they can be exchanged, and it can be stopped. */
import { once } from 'node:events';
import { cp, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { project } from './paths.js';

export const builtPage = path.join(project, 'dist/web');

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
};

export interface PageServer {
  /** Ends with `/`. */
  readonly address: string;
  /** The folder of a build. */
  readonly show: (folder: string) => void;
  readonly stop: () => Promise<void>;
  /** Under the same address as before. */
  readonly start: () => Promise<void>;
}

/** Calls that are not for the page go to the service at `address`. */
export async function pageServerFor(t: Pick<TestContext, 'after'>, address: string): Promise<PageServer> {
  const { origin, host } = new URL(address);
  let folder = builtPage;
  let port = 0;
  let server: http.Server | undefined;

  async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', origin);
    const name = pathname === '/' ? 'index.html' : pathname.slice(1);
    const file = await readFile(path.join(folder, name)).catch(() => undefined);
    if (file) {
      const age = name.startsWith('assets/') ? 'max-age=31536000, immutable' : 'no-cache';
      response.writeHead(200, { 'Content-Type': TYPES[path.extname(name)] ?? 'text/plain', 'Cache-Control': age });
      response.end(file);
      return;
    }
    const headers = { ...request.headers, host, origin };
    const onward = http.request(new URL(request.url ?? '/', origin), { method: request.method, headers });
    request.pipe(onward);
    onward.on('response', (from) => {
      response.writeHead(from.statusCode ?? 502, from.headers);
      from.pipe(response);
    });
    onward.on('error', () => response.destroy());
  }

  const start = async () => {
    server = http.createServer((request, response) => void answer(request, response));
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  };
  const stop = async () => {
    const ending = server;
    server = undefined;
    if (!ending) return;
    const closed = once(ending, 'close');
    ending.close();
    ending.closeAllConnections();
    await closed;
  };
  await start();
  t.after(stop);
  const show = (next: string) => {
    folder = next;
  };
  return { address: `http://127.0.0.1:${port}/`, show, start, stop };
}

/** A copy of the build as the next one would be: no asset has the name that it had. `<html data-build="next">` tells it. */
export async function nextBuildIn(folder: string): Promise<void> {
  await cp(builtPage, folder, { recursive: true });
  const all = await readdir(folder, { recursive: true });
  const assets = all.filter((name) => path.dirname(name) === 'assets' && !/\.(br|gz)$/.test(name));
  const renamed = assets.map(
    (name) => [path.basename(name), path.basename(name).replace(/-(?=.{8}\.)/, '-n')] as const,
  );
  for (const name of all.filter((one) => /\.(html|js|css)$/.test(one))) {
    let text = await readFile(path.join(folder, name), 'utf8');
    for (const [before, after] of renamed) text = text.replaceAll(before, after);
    text = text.replace('<html', '<html data-build="next"').replace(/"version":"[^"]+"/, '"version":"next"');
    await writeFile(path.join(folder, name), text);
  }
  for (const [before, after] of renamed)
    await rename(path.join(folder, 'assets', before), path.join(folder, 'assets', after));
}
