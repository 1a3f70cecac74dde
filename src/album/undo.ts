/** Takes back what the runs of an album did; once more does no harm. */
import { readdir, realpath, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../errors.js';
import { isFolder } from '../folders.js';
import { isPage, PAGES_FOLDER, writeGallery } from './gallery/gallery.js';
import { ALBUM_FOLDER, sidecarOf } from './names.js';
import type { PictureRecord } from './picture-record.js';
import { openState, stateFile } from './state.js';
import { beginningOf, stepsBackwards } from './steps.js';
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
  const settled = new Set<string>();
  const leftovers: UndoableStep[] = [];
  const finished: string[] = [];
  for (const file of files) {
    let kept = 0;
    for await (const step of stepsBackwards(file)) {
      if (signal.aborted) return;
      if (isLeftover(step, album)) leftovers.push(step);
      const undone = await undoStep(step, { album, dryRun });
      if (undone?.kind === 'kept') kept += 1;
      else settled.add(targetOf(step));
      if (undone) yield undone;
    }
    if (kept === 0) finished.push(file);
  }
  if (dryRun) return;
  const [last] = files as [string, ...string[]];
  const { lang, title } = await beginningOf(last);
  const remaining = (await undoFiles(album)).filter((file) => !finished.includes(file));
  if (remaining.length === 0) return removeAlbum(album, leftovers);
  const state = await openState(album, { readOnly: false });
  await forget(state, settled);
  if (leftovers.some(({ do: what }) => what === 'page')) await writeGallery(album, state.records(), { lang, title });
  await state.close();
  for (const file of finished) await rm(file);
}

/** What is needed to the end: the folders that hold the album, and the gallery. */
const isLeftover = (step: UndoableStep, album: string): boolean =>
  step.do === 'page' ||
  (step.do === 'folder' && !path.relative(path.resolve(album, step.path), album).startsWith('..'));

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

/** The newest first. */
async function undoFiles(album: string): Promise<string[]> {
  const folder = path.join(album, ALBUM_FOLDER);
  const names = await readdir(folder).catch(() => []);
  const found = names.filter((name) => name.startsWith('undo-') && name.endsWith('.jsonl')).sort();
  return found.reverse().map((name) => path.join(folder, name));
}

/** What was taken back is not done any more, so that another run does it again. */
async function forget(state: Awaited<ReturnType<typeof openState>>, settled: ReadonlySet<string>): Promise<void> {
  for (const record of [...state.records()]) {
    const { place, keywords, ...rest } = record;
    const where = place?.to ?? record.file;
    const isUnplaced = place !== undefined && settled.has(place.to);
    if (isUnplaced && place.how === 'move') await state.delete(record.file);
    else if (isUnplaced || (keywords && settled.has(sidecarOf(where)))) {
      const kept: PictureRecord = isUnplaced || !place ? rest : { ...rest, place };
      await state.put(kept);
    }
  }
}

/** Only what an album makes: if there is something else in its folders, they stay. */
async function removeAlbum(album: string, leftovers: readonly UndoableStep[]): Promise<void> {
  const folder = path.join(album, ALBUM_FOLDER);
  for (const step of leftovers) {
    const page = path.resolve(album, targetOf(step));
    if (step.do === 'page' && (await isPage(page))) await rm(page, { force: true });
  }
  for (const part of [THUMBNAILS_FOLDER, PAGES_FOLDER])
    await rm(path.join(album, part), { recursive: true, force: true });
  await rm(stateFile(album), { force: true });
  for (const file of await undoFiles(album)) await rm(file);
  await rmdir(folder).catch(() => undefined);
  for (const step of leftovers)
    if (step.do === 'folder') await rmdir(path.resolve(album, step.path)).catch(() => undefined);
}
