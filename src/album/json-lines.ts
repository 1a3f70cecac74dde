/** Files of one JSON value a line, which may end in the middle of one when a process or a machine has ended. */
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { AppError } from '../errors.js';
import { outputUnwritable } from '../folders.js';

/** The values in their order; undefined for a line that is none. Nothing if there is no such file. */
export async function* readJsonLines(file: string): AsyncGenerator<unknown> {
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new AppError('FILE_UNREADABLE', { path: file, reason: error.message });
  });
  if (!handle) return;
  for await (const line of createInterface({ input: createReadStream('', { fd: handle }) })) yield parse(line);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

export interface JsonLinesWriter {
  /** It is in the file once this resolves, and on the disk if it is `durable`. @throws AppError OUTPUT_UNWRITABLE */
  readonly write: (value: object, durable?: boolean) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Appends; what is left of a line that was not finished stays a line of its own. @throws AppError OUTPUT_UNWRITABLE */
export async function appendJsonLines(file: string): Promise<JsonLinesWriter> {
  const handle = await open(file, 'a+').catch(refuse);
  if (await endsInALine(handle)) await handle.appendFile('\n').catch(refuse);
  return {
    write: async (value, durable = false) => {
      await handle.appendFile(`${JSON.stringify(value)}\n`).catch(refuse);
      if (durable) await handle.datasync().catch(refuse);
    },
    close: () => handle.close(),
  };
}

async function endsInALine(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat();
  if (size === 0) return false;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() !== '\n';
}

function refuse(error: Error): never {
  throw outputUnwritable(error);
}
