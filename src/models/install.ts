/** Puts a model into its place in the data directory, all at once. */
import { readdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../errors.js';
import { isFile, isFolder, makeFolder, syncFile, syncFolder } from '../folders.js';
import { type Bundle, openBundle, parseManifest, verifyBundle } from './bundle.js';
import { ABOUT_THE_DISK, endAside, makeDraft, putBack, removeDraft, sweep, writingTo } from './drafts.js';
import { MANIFEST } from './locate.js';
import type { Manifest } from './manifest.js';
import { referenceOf } from './reference.js';

/** Writes what the manifest names into an empty folder. */
export type Fill = (folder: string) => Promise<void>;

/** @throws AppError MODEL_EXISTS, MODEL_INVALID, MODEL_DAMAGED, MODELS_UNWRITABLE, and what `fill` throws */
export async function installBundle(models: string, given: Manifest, fill: Fill, replace: boolean): Promise<Bundle> {
  // Its name and version become folders.
  const manifest = parseManifest(given, 'the manifest');
  const draft = await writingTo(models, () => makeDraft(models, 'install'));
  try {
    await sweep(models);
    await writingTo(models, () => fill(draft), ABOUT_THE_DISK);
    await requireFiles(draft, manifest);
    await writingTo(models, () => keep(draft, manifest));
    const bundle = await openBundle(draft);
    await writingTo(models, () => takePlace(draft, models, manifest, replace));
    return { ...bundle, folder: path.join(models, manifest.name, manifest.version) };
  } finally {
    await removeDraft(draft);
  }
}

async function requireFiles(draft: string, manifest: Manifest): Promise<void> {
  const reference = referenceOf(manifest);
  const { licenseFile } = manifest;
  if (licenseFile !== undefined && !(await isFile(path.join(draft, licenseFile)))) {
    const reason = `the licence that it names, ${licenseFile}, is not there`;
    throw new AppError('MODEL_INVALID', { path: reference, reason });
  }
  const damaged = (await verifyBundle({ folder: draft, manifest })).find(({ ok }) => !ok);
  if (!damaged) return;
  const file = `${path.basename(damaged.path)} of ${reference}`;
  throw new AppError('MODEL_DAMAGED', { path: file, expected: damaged.expected, found: damaged.found });
}

/** Has everything on the disk before anyone can see it; the manifest is written last. */
async function keep(draft: string, manifest: Manifest): Promise<void> {
  for (const name of await readdir(draft)) await syncFile(path.join(draft, name));
  const file = path.join(draft, MANIFEST);
  await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`);
  await syncFile(file);
  await syncFolder(draft);
}

async function takePlace(draft: string, models: string, manifest: Manifest, replace: boolean): Promise<void> {
  const { name, version } = manifest;
  const place = path.join(models, name, version);
  const asides: string[] = [];
  try {
    while (!(await tryToTake(draft, place))) {
      if (!replace) throw new AppError('MODEL_EXISTS', { reference: referenceOf(manifest) });
      const aside = await makeDraft(models, 'replace');
      asides.push(aside);
      await makeFolder(path.join(aside, name));
      // If it is gone, somebody else has made room.
      await rename(place, path.join(aside, name, version)).catch(unlessMissing);
    }
    await syncFolder(path.dirname(place));
    await syncFolder(models);
  } catch (error) {
    for (const aside of asides) await putBack(aside, models);
    throw error;
  } finally {
    for (const aside of asides) await endAside(aside);
  }
}

/** False if there is something in that place. */
async function tryToTake(draft: string, place: string): Promise<boolean> {
  for (;;) {
    await makeFolder(path.dirname(place));
    try {
      await rename(draft, place);
      return true;
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      // Systems have several names for it.
      if (code === 'ENOTEMPTY' || code === 'EEXIST' || (await isFolder(place))) return false;
      // The folder of its name was empty, and somebody has just removed it.
      if (code === 'ENOENT' && !(await isFolder(path.dirname(place)))) continue;
      throw error;
    }
  }
}

function unlessMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
