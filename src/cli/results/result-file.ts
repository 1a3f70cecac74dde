/** A file of results that grows line by line, and goes on where it ended, however it ended. */
import type { FileHandle } from 'node:fs/promises';
import { AppError } from '../../errors.js';
import { outputUnwritable } from '../../folders.js';
import { createAppender, shorten } from './appender.js';
import type { ResultFormat } from './format.js';
import { type HeldFile, openHeld } from './held-file.js';
import type { Outcome } from './outcome.js';
import { createPathSet } from './path-set.js';
import { readBack } from './read-back.js';

export interface ResultFile {
  /** False for a path that has its line, or was claimed before. */
  readonly claim: (file: string) => boolean;
  /** Lines that were there. */
  readonly kept: number;
  /** One line. @throws AppError OUTPUT_UNWRITABLE; what was written before stays readable */
  readonly write: (outcome: Outcome) => Promise<void>;
  /** Writes out what is not yet on the disk. @throws AppError OUTPUT_UNWRITABLE */
  readonly close: () => Promise<void>;
}

const BLOCK_BYTES = 1 << 20;

/**
 * A new file, or with `resume` also one of ours, without the torn line at its end.
 * @throws AppError USAGE for a file that exists, is in use, or was not written by us; OUTPUT_UNWRITABLE
 */
export async function openResults(
  file: string,
  format: ResultFormat,
  { resume }: { readonly resume: boolean },
): Promise<ResultFile> {
  const held = await openOrRefuse(file, resume);
  const { handle, release } = held;
  try {
    const status = await handle.stat();
    if (!status.isFile())
      throw refusal(
        `Expected the name of a file for the results, but ${file} is none. Name another one with --output.`,
      );
    const claimed = createPathSet();
    const { kept, end } = await readBack(file, blocksOf(handle), format, claimed.add);
    if (end < status.size) await shorten(file, handle, end);
    const { append, close } = createAppender(file, held, end);
    if (end === 0) await append(format.header);
    return { claim: claimed.add, kept, write: (outcome) => append(format.line(outcome)), close };
  } catch (error) {
    await release();
    throw error instanceof AppError ? error : outputUnwritable(error as Error, file);
  }
}

/** Each in the memory of the one before. A stream would also close the file when it is not read to the end. */
async function* blocksOf(handle: FileHandle): AsyncGenerator<Buffer> {
  const block = Buffer.alloc(BLOCK_BYTES);
  for (let position = 0; ; ) {
    const { bytesRead } = await handle.read(block, 0, BLOCK_BYTES, position);
    if (bytesRead === 0) return;
    yield block.subarray(0, bytesRead);
    position += bytesRead;
  }
}

async function openOrRefuse(file: string, resume: boolean): Promise<HeldFile> {
  const held = await openHeld(file, { fresh: !resume }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw outputUnwritable(error, file);
    throw refusal(
      `Expected the name of a new file, but ${file} exists. Go on with it (--resume), or name another one with --output.`,
    );
  });
  if (held) return held;
  throw refusal(
    `Expected ${file} for this process alone, but another one is writing to it. Wait until it has ended, or name another file with --output.`,
  );
}

const refusal = (problem: string) => new AppError('USAGE', { problem });
