/** Looks at a file: what is known of it already, or what the model says. */
import { stat } from 'node:fs/promises';
import { sha256Of } from '../hashes.js';
import type { Answers } from './answers.js';
import type { PictureRecord } from './picture-record.js';
import { readPictureFile } from './read.js';
import type { AlbumState } from './state.js';
import { keepThumbnail } from './thumbnails.js';

export interface Seen {
  readonly record: PictureRecord;
  /** Whether the model had to look. */
  readonly isNew: boolean;
}

export interface LookerOptions {
  /** A path as it is seen from the album's folder. */
  readonly seen: (file: string) => string;
  /** The album's folder, if thumbnails are wanted in it. */
  readonly thumbnailsIn: string | undefined;
  readonly maxBytes: number;
  readonly state: AlbumState;
  readonly answers: Answers;
}

/** @throws AppError FILE_UNREADABLE, IMAGE_*, HEIC_UNAVAILABLE, ABORTED; what the file system says */
export function createLooker({ seen, thumbnailsIn, maxBytes, state, answers }: LookerOptions) {
  const { asked } = answers;
  const hasThumbnail = (known: PictureRecord) => known.thumbnail || thumbnailsIn === undefined;

  /** A file with the size and the time of the last run is not read. */
  return async function look(file: string): Promise<Seen> {
    const { size, mtimeMs } = await stat(file);
    const known = state.get(seen(file));
    const isUntouched = known?.size === size && known.mtimeMs === mtimeMs && known.asked === asked;
    if (known && isUntouched && hasThumbnail(known)) return { record: known, isNew: false };

    const bytes = await readPictureFile(file, maxBytes);
    const basis = { file: seen(file), size, mtimeMs, sha256: sha256Of(bytes), asked };
    const isSame = known?.sha256 === basis.sha256;
    if (known && isSame && known.asked === asked) {
      const thumbnail = hasThumbnail(known) ? known.thumbnail : await addThumbnail(basis.sha256, bytes);
      return { record: { ...known, ...basis, thumbnail }, isNew: false };
    }
    // The folder is for the former content, the sidecar for whatever has this name.
    const kept = { ...(isSame && known?.place && { place: known.place }), ...keywordsIn(known) };
    return { record: { ...basis, ...(await ask(basis.sha256, bytes)), ...kept }, isNew: true };
  };

  async function addThumbnail(sha256: string, bytes: Uint8Array): Promise<boolean> {
    if (thumbnailsIn !== undefined) await keepThumbnail(thumbnailsIn, sha256, () => answers.thumbnail(bytes));
    return thumbnailsIn !== undefined;
  }

  async function ask(sha256: string, bytes: Uint8Array) {
    if (thumbnailsIn === undefined) return { ...(await answers.find(bytes)), thumbnail: false };
    const { finding, jpeg } = await answers.findWithThumbnail(bytes);
    await keepThumbnail(thumbnailsIn, sha256, async () => jpeg);
    return { ...finding, thumbnail: true };
  }
}

const keywordsIn = (known: PictureRecord | undefined) => (known?.keywords ? { keywords: known.keywords } : {});
