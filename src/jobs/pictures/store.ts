/** The pictures of jobs until they are answered, each under its job and its hash: a folder, or a bucket. */

/** A picture that is being received. */
export interface PictureDraft {
  /** Waits while the disk is slower than the sender. @throws AppError JOBS_FULL, DISK_FULL */
  readonly write: (chunk: Uint8Array) => Promise<void>;
  /** It is complete, and durable once this resolves. */
  readonly finish: () => Promise<{ readonly sha256: string; readonly bytes: number }>;
  readonly discard: () => Promise<void>;
}

export interface PictureStore {
  readonly receive: (job: string) => PictureDraft;
  /** @throws AppError FILE_UNREADABLE */
  readonly read: (job: string, sha256: string) => Promise<Uint8Array>;
  readonly remove: (job: string, sha256: string) => Promise<void>;
  readonly keepThumbnail: (job: string, sha256: string, jpeg: Uint8Array) => Promise<void>;
  /** Undefined for none. */
  readonly thumbnail: (job: string, sha256: string) => Promise<Uint8Array | undefined>;
  readonly removeJob: (job: string) => Promise<void>;
  /** The jobs that have something here. */
  readonly jobs: () => Promise<string[]>;
}
