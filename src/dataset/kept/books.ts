/**
 * What a data set of the service has, on disk: `classes.json`, and `pictures.jsonl` with a line for each picture. The first is
 * a file of labels and the second a list of pictures, as `kaiyan train` takes them.
 */
import { open, readFile, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { AppError } from '../../errors.js';
import { finishReplacing, replaceFiles } from './replace-files.js';

export const PICTURES = 'pictures.jsonl';
export const CLASSES = 'classes.json';

const pictureSchema = v.object({
  /** As seen from the folder of the data set. */
  path: v.pipe(v.string(), v.regex(/^pictures\/[0-9a-f]{64}\.[a-z]{1,5}$/)),
  label: v.string(),
  /** What the file was called that was sent. */
  name: v.string(),
  bytes: v.number(),
  /** When, in milliseconds since 1970; no two of a data set have the same. */
  added: v.number(),
});

export type PictureLine = v.InferOutput<typeof pictureSchema>;

const classesSchema = v.array(v.object({ en: v.string(), zh: v.string() }));

export interface Books {
  /** The Chinese name by the label, in the order in which they were made. */
  readonly classes: ReadonlyMap<string, string>;
  /** By their hash, the oldest first. */
  readonly pictures: ReadonlyMap<string, PictureLine>;
}

/** A picture's hash is its id. */
export const idOf = ({ path: file }: Pick<PictureLine, 'path'>): string => path.posix.parse(file).name;

/** @throws AppError FILE_UNREADABLE for books that nobody can have written here, and what the file system throws */
export async function readBooks(folder: string): Promise<Books> {
  await finishReplacing(folder);
  const classes = await readClasses(path.join(folder, CLASSES));
  const pictures = new Map<string, PictureLine>();
  for (const line of await readLines(path.join(folder, PICTURES))) pictures.set(idOf(line), line);
  return { classes, pictures };
}

async function readClasses(file: string): Promise<Map<string, string>> {
  const text = await readFile(file, 'utf8');
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), classesSchema), text);
  if (parsed.success) return new Map(parsed.output.map(({ en, zh }) => [en, zh]));
  throw new AppError('FILE_UNREADABLE', { path: file, reason: 'it has no list of classes' });
}

/** The end of a line that a process did not finish is taken off, so that the next one begins where a line does. */
async function readLines(file: string): Promise<PictureLine[]> {
  const text = await readFile(file, 'utf8');
  const end = text.lastIndexOf('\n') + 1;
  if (end < text.length) await truncate(file, Buffer.byteLength(text.slice(0, end)));
  return text
    .slice(0, end)
    .split('\n')
    .flatMap((line) => {
      const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), pictureSchema), line);
      return parsed.success ? [parsed.output] : [];
    });
}

/** Both files, or the one that is given. @throws what the file system throws */
export function writeBooks(folder: string, { classes, pictures }: Partial<Books>): Promise<void> {
  return replaceFiles(folder, {
    ...(classes && { [CLASSES]: writtenClasses(classes) }),
    ...(pictures && { [PICTURES]: linesOf(pictures.values()) }),
  });
}

export function writtenClasses(classes: Books['classes']): string {
  const list = [...classes].map(([en, zh]) => JSON.stringify({ en, zh }));
  return `[${list.join(',\n')}]\n`;
}

const linesOf = (pictures: Iterable<PictureLine>) =>
  [...pictures].map((picture) => `${JSON.stringify(picture)}\n`).join('');

/** They are on the disk once this resolves; if it fails, none is there. @throws what the file system throws */
export async function appendPictures(folder: string, pictures: readonly PictureLine[]): Promise<void> {
  const handle = await open(path.join(folder, PICTURES), 'a');
  const { size } = await handle.stat();
  try {
    await handle.writeFile(linesOf(pictures));
    await handle.datasync();
  } catch (error) {
    await handle.truncate(size).catch(() => undefined);
    throw error;
  } finally {
    await handle.close();
  }
}

/** Changes with the files; undefined where there is no data set. */
export async function stampOf(
  folder: string,
): Promise<{ readonly stamp: string; readonly modified: Date } | undefined> {
  try {
    const found = await Promise.all([CLASSES, PICTURES].map((name) => stat(path.join(folder, name))));
    const stamp = found.map(({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`).join();
    return { stamp, modified: new Date(Math.max(...found.map(({ mtimeMs }) => mtimeMs))) };
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
