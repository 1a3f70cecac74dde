/** What a file of results holds already. */
import { AppError } from '../../errors.js';
import type { ResultFormat } from './format.js';
import { readLines, type WrittenLine } from './lines.js';

export interface ReadBack {
  /** Lines about a picture. */
  readonly kept: number;
  /** Bytes to the end of the last complete line; what comes behind is a torn one. */
  readonly end: number;
}

/** Calls `onFile` with the path of each line. @throws AppError USAGE for what we did not write */
export async function readBack(
  file: string,
  blocks: AsyncIterable<Buffer>,
  format: ResultFormat,
  onFile: (path: string) => void,
): Promise<ReadBack> {
  let [number, kept, end] = [0, 0, 0];
  for await (const line of readLines(blocks, format.quoted)) {
    number += 1;
    const isHeader = number === 1 && format.header !== '';
    const isOurs = isHeader ? isBeginningOf(format.header, line) : isLine(format, line, onFile);
    if (!isOurs) throw notOurs(file, number, isHeader);
    if (!line.complete) break;
    end = line.end;
    if (!isHeader) kept += 1;
  }
  return { kept, end };
}

const isBeginningOf = (header: string, { text, complete }: WrittenLine): boolean =>
  complete ? text === header : header.startsWith(text);

function isLine({ beginning, fileOf }: ResultFormat, line: WrittenLine, onFile: (path: string) => void): boolean {
  const { text, complete } = line;
  if (!complete) return text.startsWith(beginning) || beginning.startsWith(text);
  const path = fileOf(text);
  if (path !== undefined) onFile(path);
  return path !== undefined;
}

function notOurs(file: string, line: number, isHeader: boolean): AppError {
  const about = isHeader ? 'it begins with other columns (--top changes them)' : `line ${line} is none of them`;
  return new AppError('USAGE', {
    problem: `Expected results in ${file} to go on with, but ${about}. Nothing was changed in it; name another file with --output.`,
  });
}
