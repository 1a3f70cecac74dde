/** The small pictures of an album, each under the hash of its picture. */
import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../errors.js';
import { isFile, makeFolder } from '../folders.js';
import { draftBeside } from './names.js';

export const THUMBNAILS_FOLDER = '.kaiyan-album/thumbnails';

/** Seen from the album's folder; in 256 folders, since some programs are slow with a hundred thousand files in one. */
export const thumbnailOf = (sha256: string): string => `${THUMBNAILS_FOLDER}/${sha256.slice(0, 2)}/${sha256}.jpg`;

/** @throws AppError ALBUM_UNWRITABLE, and what `make` throws */
export async function keepThumbnail(album: string, sha256: string, make: () => Promise<Uint8Array>): Promise<void> {
  const file = path.join(album, thumbnailOf(sha256));
  if (await isFile(file)) return;
  const jpeg = await make();
  const draft = draftBeside(file);
  try {
    await makeFolder(path.dirname(file));
    await writeFile(draft, jpeg);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw new AppError('ALBUM_UNWRITABLE', { path: file, reason: (error as Error).message });
  }
}

export const dropThumbnail = (album: string, sha256: string): Promise<void> =>
  rm(path.join(album, thumbnailOf(sha256)), { force: true });
