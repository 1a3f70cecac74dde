/** The pictures of jobs in a folder: FOLDER/JOB/SHA256, and FOLDER/JOB/thumbnails/SHA256.jpg. */
import { randomUUID } from 'node:crypto';
import { type FileHandle, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createDraft } from '../../draft.js';
import { AppError } from '../../errors.js';
import { diskErrorInWords, isFile, makeFolder } from '../../folders.js';
import { createSemaphore } from '../../semaphore.js';
import { createFolderSync } from './folder-sync.js';
import { isJobId, requireHash, requireJobId } from './names.js';
import type { PictureDraft, PictureStore } from './store.js';

/** Files that are written out at once: the threads for it are those that also decode and read. */
const SYNCS_AT_ONCE = 2;

export function createFolderPictures({ folder }: { readonly folder: string }): PictureStore {
  const folderOf = (job: string) => path.join(folder, requireJobId(job));
  const pictureOf = (job: string, sha256: string) => path.join(folderOf(job), requireHash(sha256));
  const thumbnailOf = (job: string, sha256: string) =>
    path.join(folderOf(job), 'thumbnails', `${requireHash(sha256)}.jpg`);
  const newDraft = (job: string) => path.join(folderOf(job), `.receiving-${randomUUID()}`);
  const syncs = createSemaphore(SYNCS_AT_ONCE);
  const syncFolder = createFolderSync(folder);

  function receive(job: string): PictureDraft {
    const name = newDraft(job);
    return createDraft({
      folder,
      name,
      open: () => openDraft(name),
      keep: (file, { sha256 }) => keep(name, file, pictureOf(job, sha256), job),
    });
  }

  async function keep(name: string, file: FileHandle, target: string, job: string): Promise<void> {
    if (await isFile(target)) await rm(name);
    else {
      await syncWithin(syncs, file);
      await file.close();
      await rename(name, target).catch((error) => {
        throw isMissing(error) ? new AppError('JOB_NOT_FOUND', { id: job }) : error;
      });
    }
    // Also for a picture that was there: it may have come just now.
    await syncFolder(path.dirname(target));
  }

  async function read(job: string, sha256: string): Promise<Uint8Array> {
    const picture = pictureOf(job, sha256);
    try {
      return await readFile(picture);
    } catch (error) {
      const reason = `a picture in it cannot be read (${codeOf(error)})`;
      throw new AppError('FILE_UNREADABLE', { path: path.dirname(picture), reason }, { cause: error });
    }
  }

  const remove = async (job: string, sha256: string) => rm(pictureOf(job, sha256), { force: true });

  /** Not written out: a power cut may cost the newest thumbnails, and waiting for the disk would cost all jobs their pace. */
  async function keepThumbnail(job: string, sha256: string, jpeg: Uint8Array): Promise<void> {
    const target = thumbnailOf(job, sha256);
    const draft = newDraft(job);
    try {
      await makeFolder(path.dirname(target));
      await writeFile(draft, jpeg);
      await rename(draft, target);
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      throw await diskErrorInWords(folder, error, jpeg.length);
    }
  }

  async function thumbnail(job: string, sha256: string): Promise<Uint8Array | undefined> {
    const file = thumbnailOf(job, sha256);
    const jpeg = await readFile(file).catch(() => undefined);
    // What a power cut leaves of a file is its name.
    return jpeg?.length ? jpeg : undefined;
  }

  const removeJob = async (job: string) => rm(folderOf(job), { recursive: true, force: true, maxRetries: 10 });

  async function jobs(): Promise<string[]> {
    try {
      const entries = await readdir(folder, { withFileTypes: true });
      return entries.filter((entry) => entry.isDirectory() && isJobId(entry.name)).map(({ name }) => name);
    } catch (error) {
      if (isMissing(error)) return [];
      throw new AppError('FILE_UNREADABLE', { path: folder, reason: (error as Error).message }, { cause: error });
    }
  }

  return { receive, read, remove, keepThumbnail, thumbnail, removeJob, jobs };
}

async function openDraft(name: string): Promise<FileHandle> {
  try {
    return await open(name, 'wx');
  } catch (error) {
    if (!isMissing(error)) throw error;
    await makeFolder(path.dirname(name));
    return open(name, 'wx');
  }
}

async function syncWithin(syncs: ReturnType<typeof createSemaphore>, file: FileHandle): Promise<void> {
  const done = await syncs.acquire(1);
  try {
    await file.datasync();
  } finally {
    done();
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT';
