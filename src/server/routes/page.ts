/** `GET /`: the page for people, and its files under `/page/`. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const folder = fileURLToPath(new URL('../../web/', import.meta.url));

export async function pageRoute(app: FastifyInstance): Promise<void> {
  await app.register(fastifyStatic, {
    ...{ root: folder, serve: false, cacheControl: false, acceptRanges: false },
    // They go by size and time, and a package has the same time for all its files, in each of its versions.
    ...{ etag: false, lastModified: false },
  });
  for (const file of await readdir(folder)) {
    const tag = await tagOf(path.join(folder, file));
    const url = file === 'index.html' ? '/' : `/page/${file}`;
    app.get(url, { config: { access: 'everyone' }, schema: { hide: true } }, async ({ headers }, reply) => {
      reply.headers({ 'Cache-Control': 'no-cache', ETag: tag });
      // A proxy that compresses makes it `W/"…"`, and a client may send several.
      if (headers['if-none-match']?.includes(tag)) return reply.code(304).send();
      return reply.sendFile(file);
    });
  }
}

async function tagOf(file: string): Promise<string> {
  const digest = createHash('sha256').update(await readFile(file));
  return `"${digest.digest('base64url').slice(0, 22)}"`;
}
