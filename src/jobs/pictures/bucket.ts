/** The pictures of jobs in an S3-compatible bucket: PREFIX/JOB/SHA256, and PREFIX/JOB/thumbnails/SHA256.jpg. */
import { Readable } from 'node:stream';
import { createDraft } from '../../draft.js';
import { AppError } from '../../errors.js';
import { chunksOf, openUnnamed } from '../../folders.js';
import { sha256Of } from '../../hashes.js';
import { type BucketOptions, createBucketClient } from './bucket-client.js';
import { isJobId, requireHash, requireJobId } from './names.js';
import type { PictureDraft, PictureStore } from './store.js';

export interface BucketPicturesOptions extends BucketOptions {
  /** Before each key, without slashes around it; empty for none. */
  readonly prefix: string;
  /** Where a picture lies until its hash, its name there, is known. */
  readonly folder: string;
}

/**
 * Another process may receive a picture of a job that has just been removed: `jobs` then has it again.
 * @throws AppError SETTING_INVALID
 */
export function createBucketPictures({ prefix, folder, ...options }: BucketPicturesOptions): PictureStore {
  const client = createBucketClient(options);
  const top = prefix === '' ? '' : `${prefix}/`;
  const folderOf = (job: string) => `${top}${requireJobId(job)}/`;
  const pictureOf = (job: string, sha256: string) => folderOf(job) + requireHash(sha256);
  const thumbnailOf = (job: string, sha256: string) => `${folderOf(job)}thumbnails/${requireHash(sha256)}.jpg`;

  function receive(job: string): PictureDraft {
    requireJobId(job);
    return createDraft({
      folder,
      open: () => openUnnamed(folder),
      // The handle's own stream would close it when a request fails.
      keep: (file, { sha256, bytes }) =>
        client.put(pictureOf(job, sha256), { sha256, bytes, open: () => Readable.from(chunksOf(file)) }),
    });
  }

  async function read(job: string, sha256: string): Promise<Uint8Array> {
    const picture = await client.get(pictureOf(job, sha256));
    if (picture) return picture;
    const path = `s3://${options.bucket}/${folderOf(job)}`;
    throw new AppError('FILE_UNREADABLE', { path, reason: 'a picture in it is missing' });
  }

  const remove = async (job: string, sha256: string) => client.delete(pictureOf(job, sha256));

  const keepThumbnail = async (job: string, sha256: string, jpeg: Uint8Array) =>
    client.put(thumbnailOf(job, sha256), { sha256: sha256Of(jpeg), bytes: jpeg.length, open: () => jpeg });

  const thumbnail = async (job: string, sha256: string) => client.get(thumbnailOf(job, sha256));

  async function removeJob(job: string): Promise<void> {
    for await (const { keys } of client.list(folderOf(job))) await Promise.all(keys.map(client.delete));
  }

  async function jobs(): Promise<string[]> {
    const found: string[] = [];
    for await (const { folders } of client.list(top, true))
      found.push(...folders.map((name) => name.slice(top.length, -1)).filter(isJobId));
    return found;
  }

  return { receive, read, remove, keepThumbnail, thumbnail, removeJob, jobs };
}

/** Where pictures are kept, as the setting says it: `s3://BUCKET/PREFIX`. @throws AppError SETTING_INVALID */
export function parseBucket(place: string): { readonly bucket: string; readonly prefix: string } {
  const [, bucket, prefix = ''] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/((?:\w[\w.-]*\/)*\w[\w.-]*)?)?\/?$/.exec(place) ?? [];
  if (bucket !== undefined) return { bucket, prefix };
  const expected = 's3://BUCKET or s3://BUCKET/PREFIX, of letters, digits, dots and dashes';
  throw new AppError('SETTING_INVALID', { setting: 'jobPictures', source: 'its value', expected, found: `"${place}"` });
}
