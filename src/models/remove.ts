/** Takes a model out of the data directory, in one step for those who look. */
import { readdir, rename, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { isFile, isFolder } from '../folders.js';
import { makeDraft, removeDraft, sweep, writingTo } from './drafts.js';
import { type Located, MANIFEST } from './locate.js';

/** @throws AppError MODELS_UNWRITABLE */
export function removeBundle(models: string, { folder }: Pick<Located, 'folder'>): Promise<void> {
  return writingTo(models, async () => {
    await sweep(models);
    const grave = await makeDraft(models, 'remove');
    try {
      if (await hasVersions(folder)) await moveFiles(folder, grave);
      else await rename(folder, path.join(grave, 'model'));
    } finally {
      await removeDraft(grave);
    }
    // The folder of its name goes with the last version.
    if (path.dirname(folder) !== models) await rmdir(path.dirname(folder)).catch(() => undefined);
  });
}

/** What a user put there by hand may have versions in folders of their own, which stay. */
async function hasVersions(folder: string): Promise<boolean> {
  const manifests = (await readdir(folder)).map((name) => path.join(folder, name, MANIFEST));
  return (await Promise.all(manifests.map(isFile))).includes(true);
}

async function moveFiles(folder: string, destination: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name !== MANIFEST);
  for (const name of [MANIFEST, ...names]) {
    if (!(await isFolder(path.join(folder, name)))) await rename(path.join(folder, name), path.join(destination, name));
  }
}
