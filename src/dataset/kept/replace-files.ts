/** Files of a folder that change together: whoever is killed at any moment leaves all of them new, or none. */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder, writeDurably } from '../../folders.js';

/** What lies in here is decided, and only has to take its place. */
const DECIDED = '.decided';

/** The new contents by their names. They are on the disk once this resolves. @throws what the file system throws */
export async function replaceFiles(folder: string, contents: Readonly<Record<string, string>>): Promise<void> {
  const draft = path.join(folder, `.draft-${randomUUID()}`);
  try {
    await mkdir(draft);
    for (const [name, content] of Object.entries(contents)) await writeDurably(path.join(draft, name), content);
    await syncFolder(draft);
    await rename(draft, path.join(folder, DECIDED));
  } catch (error) {
    await rm(draft, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(folder);
  await finishReplacing(folder);
}

/** Goes on where a process has ended half-way. */
export async function finishReplacing(folder: string): Promise<void> {
  const decided = path.join(folder, DECIDED);
  const names = await readdir(decided).catch(() => undefined);
  if (!names) return;
  for (const name of names) await rename(path.join(decided, name), path.join(folder, name));
  await syncFolder(folder);
  await rm(decided, { recursive: true, force: true });
}
