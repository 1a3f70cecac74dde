/** The files of a data set's pictures: pictures/SHA256.jpg, and thumbnails/SHA256.jpg, which can be made again. */
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../../folders.js';
import type { Decoder } from '../../image/decode.js';
import { detectFormat, type ImageFormat } from '../../image/format.js';
import { makeThumbnail } from '../../image/thumbnail.js';
import { createSemaphore } from '../../semaphore.js';
import { idOf, type PictureLine } from './books.js';

export interface PictureFiles {
  readonly makeFolders: (folder: string) => Promise<void>;
  /** Decodes a file. @throws AppError as `decode` does */
  readonly look: (file: string, signal?: AbortSignal) => Promise<{ format: ImageFormat; small: Uint8Array }>;
  /** The small one. @throws AppError as `decode` does */
  readonly thumbnail: (folder: string, picture: PictureLine, signal: AbortSignal) => Promise<Uint8Array>;
  readonly keepThumbnail: (folder: string, id: string, jpeg: Uint8Array) => Promise<void>;
  readonly remove: (folder: string, pictures: readonly PictureLine[]) => Promise<void>;
}

/** As of jobs: the threads that decode are those that answer too. */
const DECODED_AT_ONCE = 2;

export function createPictureFiles(decode: Decoder['decode']): PictureFiles {
  const decoding = createSemaphore(DECODED_AT_ONCE);
  const thumbnailOf = (folder: string, id: string) => path.join(folder, 'thumbnails', `${id}.jpg`);

  async function look(file: string, signal?: AbortSignal) {
    const leave = await decoding.acquire(1, signal);
    try {
      const bytes = await readFile(file);
      return { format: detectFormat(bytes), small: await makeThumbnail(bytes, { decode, signal }) };
    } finally {
      leave();
    }
  }

  async function thumbnail(folder: string, picture: PictureLine, signal: AbortSignal): Promise<Uint8Array> {
    const id = idOf(picture);
    const kept = await readFile(thumbnailOf(folder, id)).catch(() => undefined);
    // What a power cut leaves of a file may be its name.
    if (kept?.length) return kept;
    const { small } = await look(path.join(folder, picture.path), signal);
    await keepThumbnail(folder, id, small);
    return small;
  }

  /** Not written out, and not missed if that fails: it can be made again. */
  async function keepThumbnail(folder: string, id: string, jpeg: Uint8Array): Promise<void> {
    const draft = path.join(folder, `.receiving-${randomUUID()}`);
    try {
      await writeFile(draft, jpeg);
      await rename(draft, thumbnailOf(folder, id));
    } catch {
      await rm(draft, { force: true }).catch(() => undefined);
    }
  }

  return {
    makeFolders: async (folder) => {
      for (const inside of ['pictures', 'thumbnails']) await makeFolder(path.join(folder, inside));
    },
    look,
    thumbnail,
    keepThumbnail,
    remove: async (folder, pictures) => {
      for (const picture of pictures) {
        await rm(path.join(folder, picture.path), { force: true });
        await rm(thumbnailOf(folder, idOf(picture)), { force: true });
      }
    },
  };
}
