/** Writes the parts of a data set into a new folder, as lists or as folders of classes; the originals stay as they are. */
import { constants } from 'node:fs';
import { copyFile, link, readdir, rename, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../errors.js';
import { makeFolder, outputUnwritable } from '../folders.js';
import type { Part, Split } from './split.js';

export interface SplitPicture {
  readonly path: string;
  readonly label: string;
}

/** `list` writes PART.jsonl with paths as seen from the folder; the others put pictures into PART/LABEL/. */
export const SPLIT_FORMS = ['list', 'copy', 'link'] as const;
export type SplitForm = (typeof SPLIT_FORMS)[number];

export interface WriteSplitOptions {
  readonly folder: string;
  readonly form: SplitForm;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Gives the name of what each part is in, within the folder. Parts without pictures are not written.
 * @throws AppError FOLDER_NOT_EMPTY, OUTPUT_UNWRITABLE, USAGE for labels that cannot name a folder, ABORTED
 */
export async function writeSplit(
  pictures: readonly SplitPicture[],
  split: Split,
  options: WriteSplitOptions,
): Promise<Partial<Record<Part, string>>> {
  const { folder, form } = options;
  if (form !== 'list') for (const { label } of pictures) requireFolderName(label);
  await requireEmpty(folder);
  const parts = (Object.keys(split) as Part[]).filter((part) => split[part].length > 0);
  const of = (part: Part) => split[part].map((i) => pictures[i] as SplitPicture);
  try {
    await makeFolder(folder);
    if (form === 'list') for (const part of parts) await writeList(folder, part, of(part));
    else
      await place(
        parts.flatMap((part) => of(part).map((picture) => ({ ...picture, part }))),
        form,
        options,
      );
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw outputUnwritable(error as Error);
  }
  return Object.fromEntries(parts.map((part) => [part, form === 'list' ? listName(part) : part]));
}

const listName = (part: Part) => `${part}.jsonl`;

/** @throws AppError FOLDER_NOT_EMPTY if there is something in it, or it is a file */
export async function requireEmpty(folder: string): Promise<void> {
  const entries = await readdir(folder).catch(({ code }: NodeJS.ErrnoException) =>
    code === 'ENOENT' ? [] : undefined,
  );
  if (entries?.length !== 0) throw new AppError('FOLDER_NOT_EMPTY', { path: folder });
}

/** There as a whole or not at all. */
async function writeList(folder: string, part: Part, pictures: readonly SplitPicture[]): Promise<void> {
  const lines = pictures.map(({ path: file, label }) => {
    const seen = path.relative(path.resolve(folder), path.resolve(file)).split(path.sep).join('/');
    return `${JSON.stringify({ path: seen, label })}\n`;
  });
  const beside = path.join(folder, `.${part}.unfinished`);
  await writeFile(beside, lines.join(''));
  await rename(beside, path.join(folder, listName(part)));
}

type Placed = SplitPicture & { readonly part: Part };

async function place(
  pictures: readonly Placed[],
  form: Exclude<SplitForm, 'list'>,
  { folder, signal, onProgress }: WriteSplitOptions,
): Promise<void> {
  const taken = new Set<string>();
  for (const [i, { part, label, path: file }] of pictures.entries()) {
    if (signal.aborted) throw new AppError('ABORTED', {});
    const into = path.join(folder, part, label);
    await makeFolder(into);
    const target = freeName(into, path.basename(file), taken);
    if (form === 'copy') await copyFile(file, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    else await link(file, target).catch(() => symlink(path.resolve(file), target));
    onProgress(i + 1, pictures.length);
  }
}

/** A class may have files of the same name in folders further down. */
function freeName(folder: string, name: string, taken: Set<string>): string {
  const { name: stem, ext } = path.parse(name);
  let target = path.join(folder, name);
  // Some file systems take capitals for small letters.
  for (let n = 2; taken.has(target.toLowerCase()); n++) target = path.join(folder, `${stem} (${n})${ext}`);
  taken.add(target.toLowerCase());
  return target;
}

/** In bytes, of a name in most file systems. */
const LONGEST_NAME = 255;

function requireFolderName(label: string): void {
  const isName = !/[/\\\0]/.test(label) && !label.startsWith('.') && Buffer.byteLength(label) <= LONGEST_NAME;
  if (isName) return;
  const problem = `Expected labels that folders can be called by, but got "${label.slice(0, 80)}". Write lists instead of copies or links: a list can have any label.`;
  throw new AppError('USAGE', { problem });
}
