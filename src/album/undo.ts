/** Takes back what the runs of an album did; once more does no harm. */
import { realpath, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../errors.js';
import { isFolder } from '../folders.js';
import { galleryFile, isPage, PAGES_FOLDER, writeGallery } from './gallery/gallery.js';
import { ALBUM_FOLDER } from './names.js';
import { openState, stateFile } from './state.js';
import { beginningOf, stepsBackwards, undoFiles } from './steps.js';
import { THUMBNAILS_FOLDER } from './thumbnails.js';
import { targetOf, type UndoableStep, type Undone, undoStep } from './undo-step.js';

export interface UndoOptions {
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

/**
 * `target` is an undo file, or an album's folder for all of its runs. When nothing is left of them, the album goes too; else
 * its gallery shows what is left.
 * @throws AppError FILE_UNREADABLE, USAGE, OUTPUT_UNWRITABLE
 */
export async function* undoAlbum(target: string, { dryRun, signal }: UndoOptions): AsyncGenerator<Undone> {
  const { album, files } = await locate(target);
  const tidying = { album, settled: new Set<string>(), around: [] as string[], finished: [] as string[] };
  for (const file of files) {
    let kept = 0;
    for await (const step of stepsBackwards(file)) {
      if (signal.aborted) return;
      const undone = await undoStep(step, { album, dryRun });
      if (undone) yield undone;
      if (undone?.kind === 'kept') kept += 1;
      else keepInMind(step, tidying);
    }
    if (kept === 0) tidying.finished.push(file);
  }
  if (!dryRun) await tidyUp(tidying);
}

function keepInMind(
  step: UndoableStep,
  { album, settled, around }: { album: string; settled: Set<string>; around: string[] },
) {
  settled.add(targetOf(step));
  if (step.do === 'folder' && isAround(path.resolve(album, step.path), album)) around.push(step.path);
}

/** Whether it is the album's folder or holds it, and is needed to the end. */
const isAround = (folder: string, album: string): boolean => !path.relative(folder, album).startsWith('..');

interface Tidying {
  readonly album: string;
  /** What was made or changed, and is not any more. */
  readonly settled: ReadonlySet<string>;
  /** The folders that were made for the album, the inner ones first. */
  readonly around: readonly string[];
  /** Undo files that nothing is left of. */
  readonly finished: readonly string[];
}

async function tidyUp({ album, settled, around, finished }: Tidying): Promise<void> {
  const [remaining] = (await undoFiles(album)).filter((file) => !finished.includes(file));
  if (remaining === undefined) return removeAlbum(album, around);
  const state = await openState(album, { readOnly: false });
  await forget(state, settled);
  if (await isPage(await galleryFile(album))) await writeGallery(album, state.records(), await beginningOf(remaining));
  await state.close();
  for (const file of finished) await rm(file);
}

async function locate(target: string): Promise<{ readonly album: string; readonly files: readonly string[] }> {
  const real = await realpath(target).catch((error: Error) => {
    throw new AppError('FILE_UNREADABLE', { path: target, reason: error.message });
  });
  if (!(await isFolder(real))) {
    const folder = path.dirname(real);
    if (path.basename(folder) === ALBUM_FOLDER) return { album: path.dirname(folder), files: [real] };
    const problem = `Expected an undo file in the folder ${ALBUM_FOLDER} of its album, but ${target} lies elsewhere. Put it back there.`;
    throw new AppError('USAGE', { problem });
  }
  const files = await undoFiles(real);
  if (files.length > 0) return { album: real, files };
  const problem = `Expected an album with something to undo, but there is no undo file in ${path.join(target, ALBUM_FOLDER)}.`;
  throw new AppError('USAGE', { problem });
}

/** What was taken back is not done any more, so that another run does it again. */
async function forget(state: Awaited<ReturnType<typeof openState>>, settled: ReadonlySet<string>): Promise<void> {
  for (const record of [...state.records()]) {
    const { place, keywords, ...rest } = record;
    const isUnplaced = place !== undefined && settled.has(place.to);
    const isUnnamed = keywords !== undefined && settled.has(keywords.sidecar);
    if (isUnplaced && place.how === 'move') await state.delete(record.file);
    else if (isUnplaced || isUnnamed)
      await state.put({ ...rest, ...(place && !isUnplaced && { place }), ...(keywords && !isUnnamed && { keywords }) });
  }
}

/** Only what an album makes: if there is something else in its folders, they stay. */
async function removeAlbum(album: string, around: readonly string[]): Promise<void> {
  const page = await galleryFile(album);
  if (await isPage(page)) await rm(page);
  for (const part of [THUMBNAILS_FOLDER, PAGES_FOLDER])
    await rm(path.join(album, part), { recursive: true, force: true });
  await rm(stateFile(album), { force: true });
  for (const file of await undoFiles(album)) await rm(file);
  for (const folder of [ALBUM_FOLDER, ...around]) await rmdir(path.resolve(album, folder)).catch(() => undefined);
}
