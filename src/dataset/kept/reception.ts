/** Pictures of a class while they arrive: each is on the disk and was decoded before it is entered. */
import { randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import { createDraft, type Draft } from '../../draft.js';
import { AppError, toAppError } from '../../errors.js';
import type { ImageFormat } from '../../image/format.js';
import { tooManyBytes } from '../../image/limits.js';
import type { Reservation } from './room.js';

/** So many are entered together: each time waits for the disk. */
const BATCH = 32;
/** A longer name says no more. */
const MOST_NAME = 500;

export interface AddedPictures {
  /** Their ids. */
  readonly added: readonly string[];
  /** Pictures that were there already, in whichever class. */
  readonly repeated: number;
  readonly failed: readonly { readonly name: string; readonly error: AppError }[];
}

export interface ReceivedPicture {
  readonly id: string;
  /** Where it lies. */
  readonly draft: string;
  readonly ending: string;
  readonly bytes: number;
  readonly name: string;
  /** A small one of it, as JPEG. */
  readonly small: Uint8Array;
}

export interface DatasetReception {
  /** The next picture, which follows in pieces. What is wrong with it alone does not end the others. */
  readonly picture: (name: string) => {
    readonly write: (chunk: Uint8Array) => Promise<void>;
    readonly end: () => Promise<void>;
  };
  readonly finish: () => Promise<AddedPictures>;
  /** There is no more: what has arrived as a whole is kept. */
  readonly abandon: () => Promise<void>;
}

export interface ReceptionOptions {
  readonly folder: string;
  readonly maxBytes: number;
  readonly reservation: Reservation;
  /** Decodes a file, or says why that cannot be done. */
  readonly look: (file: string) => Promise<{ readonly format: ImageFormat; readonly small: Uint8Array }>;
  readonly enter: (pictures: readonly ReceivedPicture[]) => Promise<Pick<AddedPictures, 'added' | 'repeated'>>;
}

export function createReception(options: ReceptionOptions): DatasetReception {
  const { folder, maxBytes, reservation } = options;
  const added: string[] = [];
  const failed: { name: string; error: AppError }[] = [];
  let repeated = 0;
  let batch: Promise<ReceivedPicture | undefined>[] = [];
  let unfinished: Draft | undefined;

  /** @throws AppError what keeps all from being entered */
  async function enter(): Promise<void> {
    const settled = await Promise.allSettled(batch);
    batch = [];
    const whole = settled.flatMap((one) => (one.status === 'fulfilled' && one.value ? [one.value] : []));
    try {
      if (whole.length > 0) {
        const entered = await options.enter(whole);
        added.push(...entered.added);
        repeated += entered.repeated;
      }
    } finally {
      // Those that were there already are left, or all if it failed.
      await Promise.all(whole.map(({ draft }) => rm(draft, { force: true })));
    }
    for (const one of settled) if (one.status === 'rejected') throw one.reason;
  }

  async function take(picture: Promise<ReceivedPicture | undefined>): Promise<void> {
    // It is waited for with the others.
    picture.catch(() => undefined);
    batch.push(picture);
    if (batch.length >= BATCH) await enter();
  }

  function fail(name: string, error: AppError): undefined {
    failed.push({ name, error });
  }

  async function check(file: string, name: string, draft: Draft): Promise<ReceivedPicture | undefined> {
    const { sha256, bytes } = await draft.finish();
    try {
      const { format, small } = await options.look(file);
      return { id: sha256, draft: file, ending: endingOf(format), bytes, name, small };
    } catch (thrown) {
      await rm(file, { force: true });
      const error = toAppError(thrown);
      if (!/^(IMAGE|HEIC)_/.test(error.code)) throw error;
      return fail(name, error);
    }
  }

  function picture(given: string) {
    const name = given.slice(0, MOST_NAME);
    const file = path.join(folder, `.receiving-${randomUUID()}`);
    let draft: Draft | undefined;
    let received = 0;

    async function write(chunk: Uint8Array): Promise<void> {
      received += chunk.length;
      if (received > maxBytes) return drop();
      reservation.grow(chunk.length);
      draft ??= createDraft({
        ...{ folder, name: file, open: () => open(file, 'wx') },
        keep: async (handle) => {
          await handle.datasync();
          await handle.close();
        },
      });
      unfinished = draft;
      await draft.write(chunk);
    }

    async function drop(): Promise<void> {
      await draft?.discard();
      draft = undefined;
    }

    async function end(): Promise<void> {
      unfinished = undefined;
      if (draft) return take(check(file, name, draft));
      fail(name, received === 0 ? new AppError('IMAGE_EMPTY', {}) : tooManyBytes(received, maxBytes));
    }

    return { write, end };
  }

  return {
    picture,
    finish: async () => {
      await enter();
      reservation.release();
      return { added, repeated, failed };
    },
    abandon: async () => {
      await unfinished?.discard();
      await enter().catch(() => undefined);
      reservation.release();
    },
  };
}

const endingOf = (format: ImageFormat): string => (format === 'JPEG' ? 'jpg' : format.toLowerCase());
