/**
 * The books of all jobs: what is to be done, who has what in hand, and what came of it. One contract for a file on this
 * machine (`sqlite/`) and for several machines (`redis/`); `tests/unit/jobs/store-contract.ts` holds both to it.
 */
import type {
  Item,
  ItemError,
  ItemState,
  Job,
  JobOptions,
  JobState,
  KeptAnswer,
  NewItem,
  PictureSource,
} from './job.js';

export interface NewJob {
  readonly options: JobOptions;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** The caller's: a second job with the same key is the first one. */
  readonly idempotencyKey?: string | undefined;
  /** What was asked for under that key; the same key for something else is a mistake. */
  readonly fingerprint?: string | undefined;
}

/** An item in the hands of a process. */
export interface TakenItem {
  readonly job: string;
  readonly item: number;
  readonly name: string;
  readonly source: PictureSource;
  readonly options: JobOptions;
  /** It was in hand when processes ended without a word, so often that it may be the cause: nothing else is in hand beside it. */
  readonly alone: boolean;
}

export type Outcome = { readonly job: string; readonly item: number } & (
  | {
      /** Under what the same picture, asked in the same way, finds its answer again. */
      readonly key: string;
      readonly sha256: string;
      readonly answer: KeptAnswer;
      /** Bytes of the thumbnail that was kept. */
      readonly thumbnailBytes: number;
    }
  | { readonly error: ItemError; readonly sha256?: string | undefined }
);

export interface Notice {
  readonly job: string;
}

/** What is told when a job has ended: due at `nextAt`, until it was `delivered` or given up. */
export interface Webhook {
  readonly job: string;
  readonly address: string;
  readonly attempts: number;
}

export interface StoreLoad {
  /** Items without an outcome of jobs that were submitted, also those in work. */
  readonly waiting: number;
  /** Since when the oldest of those jobs waits; undefined for none. Milliseconds since 1970. */
  readonly oldest: number | undefined;
  /** Bytes of pictures and thumbnails that are kept for jobs. */
  readonly bytes: number;
  readonly jobs: Readonly<Record<JobState, number>>;
}

export interface ListOptions {
  readonly state?: JobState | undefined;
  /** The last one of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface ItemsOptions {
  readonly states?: readonly ItemState[] | undefined;
  /** From this position on. */
  readonly from: number;
  readonly limit: number;
}

export interface JobStore {
  /**
   * A job that is being received: nobody sees it before it is submitted. `existing` is the one with the same key.
   * @throws AppError IDEMPOTENCY_CONFLICT for a key that was used for something else, or whose job is still being received
   */
  readonly create: (job: NewJob) => Promise<{ readonly id: string; readonly existing: boolean }>;
  /** More items, in their order. The same picture (by its hash) is worked on once in a job, and its bytes count once. */
  readonly add: (id: string, items: readonly NewItem[]) => Promise<void>;
  /** All items are there: the job waits for its turn. One without items has failed. It is durable when this resolves. */
  readonly submit: (id: string) => Promise<Job>;

  /** @throws AppError JOB_NOT_FOUND, as all that follow with an id do */
  readonly get: (id: string) => Promise<Job>;
  /** The newest first. */
  readonly list: (options: ListOptions) => Promise<Job[]>;
  /** In the order of their positions. */
  readonly items: (id: string, options: ItemsOptions) => Promise<Item[]>;
  /** Items with an outcome, in the order of their sequence numbers, after this one. */
  readonly outcomes: (id: string, after: number, limit: number) => Promise<Item[]>;

  /** What has no outcome gets none; a job that has ended stays as it is. */
  readonly cancel: (id: string) => Promise<Job>;
  /** What failed or was canceled waits again. A job with nothing to retry stays as it is. */
  readonly retry: (id: string) => Promise<Job>;
  /** Also one that is being received. */
  readonly delete: (id: string) => Promise<void>;

  /**
   * Items to work on, at most `limit`, from the job that has had least so far; never a picture of a job twice at once. With
   * something still in hand (`inHand`), none that has to be alone: then nothing is given until `inHand` is 0.
   */
  readonly take: (limit: number, inHand: number) => Promise<TakenItem[]>;
  /**
   * Records outcomes, each once: what has one already, or belongs to a job that was canceled or deleted, is left as it is.
   * All items of the job with the same hash get it too. Durable when this resolves.
   * Tells of each whether its item is answered by now: the picture of one that is not may be needed again.
   */
  readonly record: (outcomes: readonly Outcome[]) => Promise<readonly boolean[]>;
  /** Items that this process will not finish, without a blemish: it ends as it should. */
  readonly giveBack: (items: readonly Pick<TakenItem, 'job' | 'item'>[]) => Promise<void>;
  /** Answers that were recorded under these keys and have not expired. */
  readonly answers: (keys: readonly string[]) => Promise<ReadonlyMap<string, KeptAnswer>>;

  /** One webhook that is due, which nobody else is given for a minute. */
  readonly takeWebhook: () => Promise<Webhook | undefined>;
  /** Undefined for one that needs no further attempt. Of a job that was retried meanwhile nothing changes. */
  readonly postponeWebhook: (job: string, nextAt: number | undefined) => Promise<void>;

  /** Jobs that have expired. One that is still worked on has not: it is kept for as long again. */
  readonly expired: (limit: number) => Promise<string[]>;
  /** Those of these ids that are in the books, also of jobs that are being received. */
  readonly known: (ids: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly load: () => Promise<StoreLoad>;
  /**
   * Calls the listener soon after something of a job has changed or there is work, also when another process did it, if the
   * store can know. Nothing is lost by one that is missed but time: who waits also looks every second.
   */
  readonly watch: (listener: (notice: Notice) => void) => () => void;
  /** Gives back what is in hand, and leaves. */
  readonly close: () => Promise<void>;
}

/** An item that was in hand at so many crashes is worked on alone; one more, and it has failed with PICTURE_CRASHED. */
export const CRASHES_BEFORE_ALONE = 3;
