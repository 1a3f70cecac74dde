/** Reads an undo file from its end. */
import { type FileHandle, open, readdir } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { AppError } from '../errors.js';
import { type Beginning, type Step, stepSchema } from './journal.js';
import { ALBUM_FOLDER } from './names.js';

/** Line after line, since an undo file may be larger than the memory. @throws AppError FILE_UNREADABLE, USAGE */
export async function* stepsBackwards(file: string): AsyncGenerator<Exclude<Step, Beginning>> {
  const handle = await open(file).catch((error: Error) => {
    throw new AppError('FILE_UNREADABLE', { path: file, reason: error.message });
  });
  try {
    const starts = await lineStarts(handle);
    // A process that ended before its first line was whole has done nothing.
    if (starts.length > 1) await beginningIn(file, handle, starts);
    for (let i = starts.length - 2; i > 0; i--) {
      const step = await stepAt(handle, starts[i] as number, starts[i + 1] as number);
      if (step && step.do !== 'begin') yield step;
    }
  } finally {
    await handle.close();
  }
}

/** The undo files of an album, the newest first. */
export async function undoFiles(album: string): Promise<string[]> {
  const folder = path.join(album, ALBUM_FOLDER);
  const names = await readdir(folder).catch(() => []);
  const found = names.filter((name) => name.startsWith('undo-') && name.endsWith('.jsonl')).sort();
  return found.reverse().map((name) => path.join(folder, name));
}

/** How the run was called. @throws AppError FILE_UNREADABLE, USAGE */
export async function beginningOf(file: string): Promise<Beginning> {
  const handle = await open(file).catch((error: Error) => {
    throw new AppError('FILE_UNREADABLE', { path: file, reason: error.message });
  });
  try {
    return await beginningIn(file, handle, await lineStarts(handle));
  } finally {
    await handle.close();
  }
}

async function beginningIn(file: string, handle: FileHandle, starts: readonly number[]): Promise<Beginning> {
  const first = await stepAt(handle, 0, starts[1] ?? 0);
  if (first?.do === 'begin') return first;
  throw new AppError('USAGE', { problem: `Expected the undo file of an album, but ${file} is none.` });
}

const CHUNK = 1 << 16;
const NEWLINE = 10;

/** Where each line begins, and where the last whole one ends. */
async function lineStarts(handle: FileHandle): Promise<number[]> {
  const starts = [0];
  const chunk = Buffer.alloc(CHUNK);
  for (let at = 0; ; ) {
    const { bytesRead } = await handle.read(chunk, 0, CHUNK, at);
    if (bytesRead === 0) return starts;
    const read = chunk.subarray(0, bytesRead);
    for (let i = read.indexOf(NEWLINE); i !== -1; i = read.indexOf(NEWLINE, i + 1)) starts.push(at + i + 1);
    at += bytesRead;
  }
}

async function stepAt(handle: FileHandle, start: number, end: number): Promise<Step | undefined> {
  const { buffer } = await handle.read(Buffer.alloc(end - start), 0, end - start, start);
  try {
    const step = v.safeParse(stepSchema, JSON.parse(buffer.toString()));
    return step.success ? step.output : undefined;
  } catch {
    return undefined;
  }
}
