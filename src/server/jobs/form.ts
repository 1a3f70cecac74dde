/** The files of a form of any size, one after the other; no more of them is in memory than what came last. */
import type { BusboyFileStream } from '@fastify/busboy';
import type { FastifyRequest } from 'fastify';
import { formParser, tooManyParts, unreadableForm } from '../form-parser.js';

/** Takes the bytes of one file, and is waited for. */
export interface FileSink {
  readonly write: (chunk: Uint8Array) => Promise<void>;
  readonly end: () => Promise<void>;
}

interface ArrivingFile {
  readonly open: () => FileSink | undefined;
  sink?: FileSink | undefined;
  chunks: Buffer[];
  isComplete: boolean;
}

/**
 * Reads a form with at most so many pictures from `bytes`. `open` gives each file's sink by its field and its name, in their
 * order, or undefined for one that is of no use.
 * @throws AppError REQUEST_INVALID, and what `bytes`, `open` and the sinks throw
 */
export async function readLargeForm(
  request: FastifyRequest,
  bytes: AsyncIterable<Buffer>,
  pictures: number,
  open: (field: string, name: string | undefined) => FileSink | undefined,
): Promise<void> {
  const form = formParser(request, pictures);
  const files: ArrivingFile[] = [];
  let failure: Error | undefined;
  let isOver = false;
  let proceed: () => void = () => undefined;
  const fail = (error: Error) => {
    failure ??= error;
    proceed();
  };
  form.on('file', (field: string, stream: BusboyFileStream, name?: string) => {
    const file: ArrivingFile = { open: () => open(field, name), chunks: [], isComplete: false };
    files.push(file);
    stream.on('data', (chunk: Buffer) => file.chunks.push(chunk));
    stream.on('end', () => {
      file.isComplete = true;
    });
    stream.on('error', (error: Error) => fail(unreadableForm(error.message)));
  });
  form.on('partsLimit', () => fail(tooManyParts(pictures)));
  form.on('error', (error: unknown) => fail(unreadableForm((error as Error).message)));
  form.on('finish', () => {
    isOver = true;
    proceed();
  });

  /** Until the parser has done what `work` gives it. */
  async function parse(work: (done: () => void) => void): Promise<void> {
    await new Promise<void>((resolve) => {
      proceed = resolve;
      if (failure) resolve();
      else work(resolve);
    });
    if (failure) throw failure;
  }

  /** The parser would read on while small files wait to be written, until all of them are in memory. */
  async function useWhatCame(): Promise<void> {
    for (let file = files[0]; file; file = files[0]) {
      if (!('sink' in file)) file.sink = file.open();
      for (const chunk of file.chunks.splice(0)) await file.sink?.write(chunk);
      // More may have come meanwhile.
      if (file.chunks.length > 0) continue;
      if (!file.isComplete) return;
      await file.sink?.end();
      files.shift();
    }
  }

  for await (const chunk of bytes) {
    await parse((done) => void form.write(chunk, done));
    await useWhatCame();
  }
  await parse((done) => {
    form.end();
    if (isOver) done();
  });
  await useWhatCame();
}
