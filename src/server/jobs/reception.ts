/** A job while its pictures arrive: it becomes one with the last of them, or nothing of it is left. */
import { AppError } from '../../errors.js';
import { tooManyBytes } from '../../image/limits.js';
import { type Job, type JobOptions, keptError, type NewItem } from '../../jobs/job.js';
import type { Jobs } from '../../jobs/jobs.js';
import type { PictureDraft } from '../../jobs/pictures/store.js';
import type { Reservation } from '../../jobs/room.js';
import type { FileSink } from './form.js';

/** So many pictures are made durable at the same time. */
const AT_ONCE = 64;
/** So many are entered into the books together: each time takes a moment. */
const BATCH = 1_024;
const DAY_MS = 86_400_000;
/** A longer name says no more. */
const MOST_NAME = 1_024;

export interface JobRequest {
  readonly options: JobOptions;
  readonly idempotencyKey?: string | undefined;
  /** What is asked for, beside the pictures. */
  readonly fingerprint: string;
  /** Bytes that are said to come; 0 if that is not known. */
  readonly announced: number;
  /** The sender has left. */
  readonly signal: AbortSignal;
}

interface ArrivingPicture extends FileSink {
  /** There is no more of it, for this reason: it has failed. */
  readonly fail: (error: AppError) => Promise<void>;
}

export interface Reception {
  /** The next picture, which follows in pieces. */
  readonly picture: (name: string) => ArrivingPicture;
  /** The next item, as it is. */
  readonly add: (item: NewItem) => Promise<void>;
}

export interface Received {
  readonly job: Job;
  /** It was there already, under the same key. */
  readonly isRepeated: boolean;
}

/**
 * Creates a job from what `fill` puts into it.
 * @throws AppError JOB_EMPTY, JOBS_FULL, DISK_FULL, IDEMPOTENCY_CONFLICT, ABORTED, and what `fill` throws
 */
export async function receiveJob(
  jobs: Jobs,
  request: JobRequest,
  fill: (reception: Reception) => Promise<void>,
): Promise<Received> {
  const { store, settings } = jobs;
  const { options, idempotencyKey, fingerprint, announced, signal } = request;
  const expiresAt = Date.now() + settings.jobDays * DAY_MS;
  const { id, existing } = await store.create({ options, expiresAt, idempotencyKey, fingerprint });
  if (existing) return { job: await store.get(id), isRepeated: true };
  const reception = createReception(jobs, id, signal);
  try {
    await requireRoom(jobs, announced);
    await fill(reception);
    if ((await reception.finish()) === 0) throw new AppError('JOB_EMPTY', {});
    return { job: await store.submit(id), isRepeated: false };
  } catch (error) {
    await reception.abandon();
    // What went wrong is told, not that the books cannot be reached for this either.
    await jobs.remove(id).catch(() => undefined);
    throw error;
  }
}

/** What cannot be kept does not have to come. */
async function requireRoom({ room }: Jobs, bytes: number): Promise<void> {
  const reservation = await room.enter();
  reservation.grow(bytes);
  reservation.release();
}

function createReception({ store, pictures, room: rooms, settings }: Jobs, id: string, signal: AbortSignal) {
  const { maxBytes } = settings;
  const drafts = new Set<PictureDraft>();
  let batch: Promise<NewItem>[] = [];
  let count = 0;
  let room: Reservation | undefined;

  async function makeRoom(bytes: number): Promise<void> {
    room ??= await rooms.enter();
    room.grow(bytes);
  }

  function giveBackRoom(): void {
    room?.release();
    room = undefined;
  }

  /** From then on the books count its bytes. */
  async function enter(): Promise<void> {
    const items = await Promise.all(batch);
    batch = [];
    if (signal.aborted) throw new AppError('ABORTED', {});
    if (items.length > 0) await store.add(id, items);
    giveBackRoom();
  }

  async function take(item: Promise<NewItem>): Promise<void> {
    // It is waited for with the others.
    item.catch(() => undefined);
    batch.push(item);
    count += 1;
    if (batch.length >= BATCH) await enter();
    else if (batch.length % AT_ONCE === 0) await Promise.all(batch);
  }

  function picture(given: string): ArrivingPicture {
    const name = given.slice(0, MOST_NAME);
    let received = 0;
    let draft: PictureDraft | undefined;

    async function write(chunk: Uint8Array): Promise<void> {
      received += chunk.length;
      if (received > maxBytes) return discard();
      await makeRoom(chunk.length);
      if (!draft) {
        draft = pictures.receive(id);
        drafts.add(draft);
      }
      await draft.write(chunk);
    }

    async function discard(): Promise<void> {
      if (!draft) return;
      drafts.delete(draft);
      await draft.discard();
      draft = undefined;
    }

    async function finish(whole: PictureDraft): Promise<NewItem> {
      const { sha256, bytes } = await whole.finish();
      drafts.delete(whole);
      return { name, sha256, bytes };
    }

    async function end(): Promise<void> {
      if (draft) await take(finish(draft));
      else await fail(refusalFor(received));
    }

    async function fail(error: AppError): Promise<void> {
      await discard();
      await take(Promise.resolve({ name, error: keptError(error) }));
    }

    return { write, end, fail };
  }

  const refusalFor = (bytes: number): AppError =>
    bytes === 0 ? new AppError('IMAGE_EMPTY', {}) : tooManyBytes(bytes, maxBytes);

  return {
    picture,
    add: (item: NewItem) => take(Promise.resolve({ ...item, name: item.name.slice(0, MOST_NAME) })),
    /** How many pictures there are. */
    finish: async () => {
      await enter();
      return count;
    },
    /** Nothing is written to the job any more. */
    abandon: async () => {
      await Promise.allSettled(batch);
      await Promise.allSettled([...drafts].map((draft) => draft.discard()));
      giveBackRoom();
    },
  };
}
