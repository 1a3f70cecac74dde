/** The pictures of jobs until they are answered, each under its job and its hash: a folder, or a bucket. */
import type { Draft } from '../../draft.js';

/** A picture that is being received. What fails discards it. */
export interface PictureDraft extends Draft {
  /**
   * It is complete, and durable once this resolves. Waiting for the disk takes milliseconds, which pictures that are finished
   * at the same time share: the next one of a request may arrive meanwhile.
   * @throws AppError JOB_NOT_FOUND if its job was removed meanwhile; DISK_FULL, DATA_UNWRITABLE, PICTURES_UNAVAILABLE
   */
  readonly finish: Draft['finish'];
}

/**
 * All throw AppError JOB_NOT_FOUND for what cannot be the id of a job, FILE_UNREADABLE for what is no hash, and
 * PICTURES_UNAVAILABLE where another machine has the pictures and cannot be reached: that says nothing about a picture.
 */
export interface PictureStore {
  readonly receive: (job: string) => PictureDraft;
  /** @throws AppError FILE_UNREADABLE */
  readonly read: (job: string, sha256: string) => Promise<Uint8Array>;
  /** One that is missing is no error. */
  readonly remove: (job: string, sha256: string) => Promise<void>;
  readonly keepThumbnail: (job: string, sha256: string, jpeg: Uint8Array) => Promise<void>;
  /** Undefined for none. */
  readonly thumbnail: (job: string, sha256: string) => Promise<Uint8Array | undefined>;
  /** With its thumbnails, and what was being received. */
  readonly removeJob: (job: string) => Promise<void>;
  /** The jobs that have something here. */
  readonly jobs: () => Promise<string[]>;
}
