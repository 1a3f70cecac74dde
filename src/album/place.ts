/** Where in the album a picture goes, and its way there. */
import { lstat, stat } from 'node:fs/promises';
import path from 'node:path';
import { sha256OfFile } from '../hashes.js';
import type { Journal } from './journal.js';
import { draftBeside, numbered, sidecarOf } from './names.js';
import type { Placement } from './picture-record.js';
import { copyTo, linkTo, moveTo } from './transfer.js';

interface Original {
  readonly file: string;
  readonly size: number;
  readonly sha256: string;
}

interface Placed {
  readonly to: string;
  /** False if the same content was there already. */
  readonly done: boolean;
}

export interface Placer {
  /** Puts a picture, and a sidecar that it has, into a folder. @throws what the file system says; AppError OUTPUT_UNWRITABLE */
  readonly place: (original: Original, folder: string, how: Placement) => Promise<Placed>;
}

/** Without a journal it only says what it would do. */
export function createPlacer(journal: Journal | undefined): Placer {
  /** What was not done, but has a name all the same. */
  const imagined = new Map<string, string>();

  async function place(original: Original, folder: string, how: Placement): Promise<Placed> {
    await journal?.makeFolder(folder);
    for (let number = 1; ; number++) {
      const to = path.join(folder, numbered(path.basename(original.file), number));
      const found = to === original.file ? original.sha256 : (imagined.get(to) ?? (await contentAt(to, original)));
      if (found === original.sha256) return { to, done: false };
      if (found === undefined && !(await exists(sidecarOf(to))) && (await putAt(to, original, how)))
        return { to, done: true };
    }
  }

  /** False if someone else was quicker. */
  async function putAt(to: string, original: Original, how: Placement): Promise<boolean> {
    if (!journal) {
      imagined.set(to, original.sha256);
      return true;
    }
    try {
      await carry(journal, original, to, how);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }

  return { place };
}

async function carry(journal: Journal, { file, sha256 }: Original, to: string, how: Placement): Promise<void> {
  const sidecar = sidecarOf(file);
  // First, since one that cannot be read keeps its picture where it is.
  const sidecarSha256 = (await isRegularFile(sidecar)) ? await sha256OfFile(sidecar) : undefined;
  await transfer(journal, file, to, how, sha256);
  if (sidecarSha256 === undefined) return;
  // A program that changes a sidecar in place would change a linked one everywhere.
  await transfer(journal, sidecar, sidecarOf(to), how === 'link' ? 'copy' : how, sidecarSha256);
}

async function transfer(journal: Journal, from: string, to: string, how: Placement, sha256: string): Promise<void> {
  const draft = draftBeside(to);
  const { seen } = journal;
  await journal.note({ do: how, from: seen(from), to: seen(to), draft: seen(draft), sha256 });
  if (how === 'copy') await copyTo(from, to, draft);
  else if (how === 'link') await linkTo(from, to);
  else await moveTo(from, to, draft, sha256);
}

const statusOf = (file: string) => lstat(file).catch(() => undefined);
const exists = async (file: string) => (await statusOf(file)) !== undefined;
const isRegularFile = async (file: string) => (await statusOf(file))?.isFile() ?? false;

/** The hash of what is there, or a link leads to, read only if it can be the same; undefined if nothing is. */
async function contentAt(to: string, { size, sha256 }: Original): Promise<string | undefined> {
  if (!(await exists(to))) return undefined;
  const status = await stat(to).catch(() => undefined);
  if (!status?.isFile() || status.size !== size) return OTHER;
  return sha256 === (await sha256OfFile(to).catch(() => OTHER)) ? sha256 : OTHER;
}

/** No picture has this hash. */
const OTHER = '';
