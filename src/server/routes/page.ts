/** `GET /`: the page for people, with its files; `/docs`: where it describes the API. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';

const folder = fileURLToPath(new URL('../../web/', import.meta.url));

/** Made at build time beside the file itself, the smallest first. */
const ENCODINGS = [
  { name: 'br', ending: '.br' },
  { name: 'gzip', ending: '.gz' },
] as const;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  // Browsers show it so.
  '.md': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.png': 'image/png',
  '.webp': 'image/webp',
};

export async function pageRoute(app: FastifyInstance): Promise<void> {
  const all = await readdir(folder, { recursive: true });
  const names = all.map((name) => name.replaceAll(path.sep, '/')).filter((name) => TYPES[path.extname(name)]);
  for (const name of names) {
    const encodings = ENCODINGS.filter(({ ending }) => all.includes(path.normalize(name + ending)));
    addFile(app, name, encodings);
  }
  app.get('/docs', { config: { access: 'everyone' }, schema: { hide: true } }, async (_request, reply) =>
    reply.redirect('./#/api'),
  );
}

function addFile(app: FastifyInstance, name: string, encodings: readonly (typeof ENCODINGS)[number][]): void {
  // The name of such a file changes with what is in it.
  const isImmutable = name.startsWith('assets/');
  const read = keeping((ending: string) => readFile(path.join(folder, name + ending)));
  const tagOf = keeping(async (ending: string) => {
    const digest = createHash('sha256').update(await read(ending));
    return `"${digest.digest('base64url').slice(0, 22)}"`;
  });
  const url = name === 'index.html' ? '/' : `/${name}`;
  app.get(url, { config: { access: 'everyone' }, schema: { hide: true } }, async ({ headers }, reply) => {
    const accepted = acceptedEncodings(headers['accept-encoding']);
    const encoding = encodings.find((one) => accepted.has(one.name));
    const ending = encoding?.ending ?? '';
    const tag = await tagOf(ending);
    reply.headers({
      'Cache-Control': isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
      ETag: tag,
      ...(encodings.length > 0 && { Vary: 'Accept-Encoding' }),
    });
    // A proxy that compresses makes it `W/"…"`, and a client may send several.
    if (headers['if-none-match']?.includes(tag)) return reply.code(304).send();
    if (encoding) reply.header('Content-Encoding', encoding.name);
    return reply.type(TYPES[path.extname(name)] as string).send(await read(ending));
  });
}

/** The encodings that a client names and does not refuse (`q=0`). */
function acceptedEncodings(header: string | string[] | undefined): ReadonlySet<string> {
  const parts = String(header ?? '').split(',');
  return new Set(
    parts.filter((part) => !/;\s*q=0(?:\.0*)?\s*$/.test(part)).map((part) => part.split(';', 1)[0]?.trim() ?? ''),
  );
}

/** Does it once for each argument, unless it fails: all clients share what is in memory, however slowly they take it. */
function keeping<Value>(make: (argument: string) => Promise<Value>): (argument: string) => Promise<Value> {
  const made = new Map<string, Promise<Value>>();
  return (argument) => {
    const known = made.get(argument) ?? make(argument);
    made.set(argument, known);
    known.catch(() => made.delete(argument));
    return known;
  };
}
