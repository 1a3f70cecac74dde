/** A picture that is being received, in a file on this machine, with its hash computed as it comes. */
import { createHash } from 'node:crypto';
import { type FileHandle, rm } from 'node:fs/promises';
import { diskErrorInWords } from './folders.js';

export interface Received {
  readonly sha256: string;
  readonly bytes: number;
}

/** What fails discards it. */
export interface Draft {
  /** Waits while the disk is slower than the sender; the chunk may be used again then. @throws AppError DISK_FULL, DATA_UNWRITABLE */
  readonly write: (chunk: Uint8Array) => Promise<void>;
  /** It is complete. @throws AppError DISK_FULL, DATA_UNWRITABLE, and what `keep` throws */
  readonly finish: () => Promise<Received>;
  /** Of one that was finished, nothing. */
  readonly discard: () => Promise<void>;
}

export interface DraftOptions {
  /** Where the file lies; errors name it. */
  readonly folder: string;
  /** Undefined if it has none. */
  readonly name?: string;
  readonly open: () => Promise<FileHandle>;
  /** Puts the picture in its place; the file is closed afterwards, if it was not yet. */
  readonly keep: (file: FileHandle, picture: Received) => Promise<void>;
}

export function createDraft({ folder, name, open, keep }: DraftOptions): Draft {
  const hash = createHash('sha256');
  let bytes = 0;
  let file: FileHandle | undefined;
  let isOpen = true;
  let last: Promise<unknown> = Promise.resolve();

  /** One step after the other; one that fails is the last one, and leaves nothing. */
  function step<Result>(work: (file: FileHandle) => Promise<Result>): Promise<Result> {
    const done = last.then(async () => {
      if (!isOpen) throw new Error('this draft has ended');
      try {
        file ??= await open();
        return await work(file);
      } catch (error) {
        await discardNow();
        throw await diskErrorInWords(folder, error, bytes);
      }
    });
    last = done.catch(() => undefined);
    return done;
  }

  async function discardNow(): Promise<void> {
    isOpen = false;
    await file?.close().catch(() => undefined);
    if (file && name) await rm(name, { force: true });
  }

  const write = (chunk: Uint8Array) =>
    step(async (to) => {
      bytes += chunk.length;
      hash.update(chunk);
      await to.writeFile(chunk);
    });

  const finish = () =>
    step(async (written) => {
      const picture = { sha256: hash.digest('hex'), bytes };
      await keep(written, picture);
      isOpen = false;
      await written.close();
      return picture;
    });

  const discard = async () => {
    await last;
    if (isOpen) await discardNow();
  };

  return { write, finish, discard };
}
