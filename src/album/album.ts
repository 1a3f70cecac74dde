/** Sorts the photographs of a folder, names what they show, and makes a gallery of them. */
import path from 'node:path';
import type { Settings } from '../config.js';
import { AppError, toAppError } from '../errors.js';
import { outputUnwritable } from '../folders.js';
import { openAnswers, requireCategories } from './answers.js';
import { findFolders } from './find-folders.js';
import { keywordsOf } from './finding.js';
import { forgetGone } from './forget.js';
import { writeGallery } from './gallery/gallery.js';
import { createJournal } from './journal.js';
import { createLooker, type Seen } from './look.js';
import { ALBUM_FOLDER, folderName, sidecarOf } from './names.js';
import type { PictureRecord, Placement } from './picture-record.js';
import { createPlacer } from './place.js';
import { recover } from './recover.js';
import { updateSidecar } from './sidecar.js';
import { openState } from './state.js';
import { THUMBNAILS_FOLDER } from './thumbnails.js';
import { type Walked, walk } from './walk.js';

export interface AlbumOptions {
  /** The photographs. */
  readonly source: string;
  /** Where the album is; among the photographs if not given. */
  readonly into?: string | undefined;
  /** Without it the pictures stay where they are. */
  readonly how?: Placement | undefined;
  readonly by: 'category' | 'label';
  /** Writes what is seen into sidecars. */
  readonly keywords: boolean;
  readonly gallery: boolean;
  readonly recursive: boolean;
  /** Only says what would be done. */
  readonly dryRun: boolean;
  readonly settings: Settings;
  readonly signal: AbortSignal;
}

/** What was seen in a file. */
type Look = { readonly file: string } & (Seen | { readonly error: AppError });

/** What was done with a file; in a dry run, what would be. */
export interface Outcome {
  readonly file: string;
  readonly record?: PictureRecord;
  /** Whether the model had to look. */
  readonly isNew: boolean;
  /** Where the picture was put, or lay already. */
  readonly placed?: { readonly how: Placement | 'there'; readonly to: string };
  /** Keywords that were written; undefined if there was nothing to write. */
  readonly keywords?: readonly string[];
  /** That a file is no picture is a failure only if it is called as pictures are. */
  readonly error?: AppError;
}

export interface Album {
  /** The photographs' folder and the album's: real paths. */
  readonly source: string;
  readonly folder: string;
  readonly concurrency: number;
  /** The files that may be pictures; symbolic links are only told of. */
  readonly files: (onLink?: () => void) => AsyncGenerator<Walked>;
  /** Several at once. */
  readonly look: (file: Walked) => Promise<Look>;
  /** One after the other. @throws AppError OUTPUT_UNWRITABLE: nothing more can be done */
  readonly settle: (look: Look) => Promise<Outcome>;
  /** At the end of all: forgets pictures that have gone, and writes the gallery. @returns its page */
  readonly finish: () => Promise<string | undefined>;
  /** The undo file, if there is something to undo. */
  readonly undoFile: () => string | undefined;
  readonly close: () => Promise<void>;
}

const UNSURE = { en: 'unsure', zh: '不确定' };
/** For a picture whose label is sure, and in no category. */
const OTHER = { en: 'other', zh: '其他' };

/** @throws AppError USAGE, FILE_UNREADABLE, OUTPUT_UNWRITABLE, MODEL_*, PRECISION_UNAVAILABLE */
export async function openAlbum(options: AlbumOptions): Promise<Album> {
  const { settings, signal, how, by, dryRun } = options;
  const { lang } = settings;
  const { source, album } = await findFolders(options);
  const answers = await openAnswers(settings, signal);
  const journal = dryRun ? undefined : createJournal(album, { lang, title: path.basename(source) });
  const placer = createPlacer(journal);
  const seen = (file: string) => path.relative(album, file);
  const met = new Set<string>();
  if (how && by === 'category') requireCategories(answers);
  const thumbnailsIn = options.gallery && !dryRun ? album : undefined;
  await journal?.makeFolder(path.join(album, thumbnailsIn ? THUMBNAILS_FOLDER : ALBUM_FOLDER)).catch(refuse);
  const state = await openState(album, { readOnly: dryRun });
  const lookAt = createLooker({ seen, thumbnailsIn, maxBytes: settings.maxBytes, state, answers });

  const leftOver = await recover(album, { dryRun });

  async function* files(onLink?: () => void): AsyncGenerator<Walked> {
    if (leftOver !== undefined && !state.get(seen(leftOver))) yield { file: leftOver };
    const except = album === source ? undefined : album;
    yield* walk(source, { recursive: options.recursive, except, signal, onLink });
  }

  async function look(walked: Walked): Promise<Look> {
    const { file } = walked;
    try {
      if ('unreadable' in walked) throw walked.unreadable;
      return { file, ...(await lookAt(file)) };
    } catch (error) {
      return { file, error: unreadable(file, error) };
    }
  }

  async function settle(looked: Look): Promise<Outcome> {
    const { file } = looked;
    if ('error' in looked) return { file, isNew: false, error: looked.error };
    const before = state.get(looked.record.file);
    const outcome = await carryOut(file, looked.record).catch((error: Error) => {
      if (error instanceof AppError && error.code === 'OUTPUT_UNWRITABLE') throw error;
      return { record: looked.record, error: unwritable(file, error) };
    });
    const { record } = outcome;
    met.add(record.file);
    if (record !== before) {
      if (before && record.file !== before.file) await state.delete(before.file);
      await state.put(record);
    }
    return { file, isNew: looked.isNew, ...outcome };
  }

  async function carryOut(
    file: string,
    looked: PictureRecord,
  ): Promise<Omit<Outcome, 'file' | 'isNew'> & { record: PictureRecord }> {
    const placing = await place(file, looked);
    const record = placing?.record ?? looked;
    const placed = placing && { how: placing.done ? (how as Placement) : ('there' as const), to: placing.to };
    const done = { record, ...(placed && { placed }) };
    if (!options.keywords) return done;
    try {
      return { ...done, ...(await writeKeywords(file, record)) };
    } catch (error) {
      if (error instanceof AppError && error.code === 'OUTPUT_UNWRITABLE') throw error;
      return { ...done, error: unwritable(sidecarOf(file), error) };
    }
  }

  async function place(file: string, record: PictureRecord) {
    const order = `${by} ${lang}`;
    if (!how || record.place?.order === order) return undefined;
    const names = (by === 'category' ? record.category : record.label) ?? (record.label ? OTHER : UNSURE);
    const folder = path.join(album, folderName(names[lang]));
    const { to, done } = await placer.place({ file, size: record.size, sha256: record.sha256 }, folder, how);
    const isMoved = how === 'move' && done;
    const sorted = { ...record, file: isMoved ? seen(to) : record.file, place: { how, order, to: seen(to) } };
    return { record: sorted, to, done };
  }

  async function writeKeywords(file: string, record: PictureRecord) {
    const wanted = keywordsOf(record, lang);
    const sidecar = sidecarOf(record.place ? path.resolve(album, record.place.to) : file);
    const former = record.keywords?.sidecar === seen(sidecar) ? record.keywords : undefined;
    if (former && sameWords(former.wanted, wanted)) return {};
    const remove = (former?.ours ?? []).filter((word) => !wanted.includes(word));
    const added = await updateSidecar(sidecar, { add: wanted, remove }, journal);
    const ours = wanted.filter((word) => added.includes(word) || former?.ours.includes(word));
    const keywords = { sidecar: seen(sidecar), wanted, ours };
    return { record: { ...record, keywords }, ...(wanted.length > 0 && { keywords: wanted }) };
  }

  async function finish(): Promise<string | undefined> {
    if (!journal) return undefined;
    await forgetGone(album, state, met);
    if (!options.gallery) return undefined;
    return writeGallery(album, state.records(), { lang, title: path.basename(source) }).catch(refuse);
  }

  return {
    source,
    folder: album,
    concurrency: answers.concurrency,
    files,
    look,
    settle,
    finish,
    undoFile: () => journal?.file(),
    close: async () => {
      await answers.close();
      await state.close();
      await journal?.close();
    },
  };
}

const sameWords = (a: readonly string[], b: readonly string[]) => a.join('\n') === b.join('\n');

function refuse(error: Error): never {
  throw outputUnwritable(error);
}

/** What the file system says, as an error of ours. */
const fromSystem = (error: unknown): error is Error => error instanceof Error && 'syscall' in error;

function unreadable(path: string, error: unknown): AppError {
  return fromSystem(error) ? new AppError('FILE_UNREADABLE', { path, reason: error.message }) : toAppError(error);
}

function unwritable(path: string, error: unknown): AppError {
  return fromSystem(error) ? new AppError('ALBUM_UNWRITABLE', { path, reason: error.message }) : toAppError(error);
}
