/** The XMP file beside a picture. */
import { lstat, open, readFile, rename, rm } from 'node:fs/promises';
import { AppError } from '../errors.js';
import { sha256Of } from '../hashes.js';
import type { Journal } from './journal.js';
import { draftBeside } from './names.js';
import { changeKeywords, type KeywordChange } from './xmp.js';

/** darktable's largest, with the history of a hundred brush strokes, have a few megabytes. */
const MAX_BYTES = 32_000_000;
const BYTE_ORDER_MARK = '\ufeff';

interface Former {
  readonly bytes: Buffer;
  readonly mtimeMs: number;
  readonly mode: number;
}

/**
 * Adds and removes keywords; everything else in the file stays. Without a journal it changes nothing.
 * @returns the keywords that were not there before
 * @throws AppError SIDECAR_INVALID, OUTPUT_UNWRITABLE, what the file system says
 */
export async function updateSidecar(
  file: string,
  change: KeywordChange,
  journal: Journal | undefined,
): Promise<readonly string[]> {
  if (change.add.length === 0 && change.remove.length === 0) return [];
  const former = await readFormer(file);
  if (!former && change.add.length === 0) return [];
  const text = former && decode(file, former.bytes);
  const mark = text?.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : '';
  const { xmp, added } = attempt(file, () => changeKeywords(text?.slice(mark.length), change));
  const bytes = Buffer.from(mark + xmp);
  if (!journal || xmp === '' || former?.bytes.equals(bytes)) return added;
  const draft = draftBeside(file);
  await journal.note({
    do: 'write',
    path: journal.seen(file),
    before: former ? { base64: former.bytes.toString('base64'), mtimeMs: former.mtimeMs } : null,
    draft: journal.seen(draft),
    sha256: sha256Of(bytes),
  });
  await replaceFile(file, bytes, draft, former?.mode);
  return added;
}

/** All at once, and on the disk before the former one goes. */
export async function replaceFile(file: string, bytes: Uint8Array, draft: string, mode = 0o666): Promise<void> {
  try {
    const handle = await open(draft, 'wx', mode & 0o777);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}

async function readFormer(file: string): Promise<Former | undefined> {
  try {
    const status = await lstat(file);
    if (!status.isFile()) throw invalid(file, 'it is a link or a folder');
    if (status.size > MAX_BYTES) throw invalid(file, `it has ${status.size} bytes`);
    return { bytes: await readFile(file), mtimeMs: status.mtimeMs, mode: status.mode };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function decode(file: string, bytes: Buffer): string {
  const text = attempt(file, () => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  const encoding = /^\ufeff?\s*<\?xml[^>]*\bencoding\s*=\s*["']([^"']+)/.exec(text)?.[1] ?? 'utf-8';
  if (!/^(utf-8|us-ascii)$/i.test(encoding)) throw invalid(file, `it is written in ${encoding}`);
  return text;
}

function attempt<Result>(file: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw invalid(file, ((error as Error).message.split('\n')[0] as string).slice(0, 160));
  }
}

const invalid = (path: string, reason: string) => new AppError('SIDECAR_INVALID', { path, reason });
