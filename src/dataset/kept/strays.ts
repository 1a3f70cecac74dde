/** What a process that was ended has left beside the books of a data set. */
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Books, idOf } from './books.js';

/** What is not in the books may be on its way into them, for so long at most. */
const STRAY_MS = 3_600_000;

/** Never rejects: what cannot be removed now is found again. */
export async function removeStrays(folder: string, { pictures }: Books): Promise<void> {
  for (const stray of await straysIn(folder, new Set([...pictures.values()].map(idOf)))) {
    const age = Date.now() - ((await stat(stray).catch(() => undefined))?.mtimeMs ?? Date.now());
    if (age > STRAY_MS) await rm(stray, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function straysIn(folder: string, ids: ReadonlySet<string>): Promise<string[]> {
  const inside = async (name: string, isStray: (file: string) => boolean) =>
    (await readdir(path.join(folder, name)).catch(() => []))
      .filter(isStray)
      .map((file) => path.join(folder, name, file));
  const isUnknown = (file: string) => !ids.has(path.parse(file).name);
  return [
    ...(await inside('', (file) => /^\.(draft|receiving)-/.test(file))),
    ...(await inside('pictures', isUnknown)),
    ...(await inside('thumbnails', isUnknown)),
  ];
}
