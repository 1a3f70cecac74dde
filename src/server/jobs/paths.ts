/** Pictures that are named by their paths: files and folders on this machine that the operator has allowed. */
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../errors.js';
import type { NewItem } from '../../jobs/job.js';
import { errorOf } from './reception.js';

/** Whether a folder, or what a link in it leads to, lies in an allowed one; both as the disk has them. */
interface Allowed {
  readonly hasReal: (real: string) => boolean;
  readonly hasNamed: (named: string) => boolean;
}

const PICTURE = /\.(jpe?g|png|webp|gif|tiff?|avif|bmp|heic|heif)$/i;

/**
 * One item for each file, in the order of the paths; for a folder those of all pictures in it, by their names. What is in
 * the folders and cannot be read, or is only a link to elsewhere, is an item that has failed.
 * @throws AppError PATH_REFUSED for a path outside
 */
export async function* itemsAt(paths: readonly string[], folders: readonly string[]): AsyncGenerator<NewItem> {
  const allowed = await allowedIn(folders);
  for (const named of paths) {
    const real = await realpath(named).catch(() => undefined);
    // What is missing is only told where one may look.
    const isAllowed = path.isAbsolute(named) && (real ? allowed.hasReal(real) : allowed.hasNamed(path.resolve(named)));
    if (!isAllowed) throw new AppError('PATH_REFUSED', { path: named });
    if (real && (await stat(real)).isDirectory()) yield* picturesIn(named, real, allowed);
    else yield itemOf(named, real);
  }
}

async function allowedIn(folders: readonly string[]): Promise<Allowed> {
  const within = (parents: readonly string[]) => (file: string) =>
    parents.some((parent) => {
      const relative = path.relative(parent, file);
      return relative === '' || !(relative.split(path.sep)[0] === '..' || path.isAbsolute(relative));
    });
  const named = folders.map((folder) => path.resolve(folder));
  const real = await Promise.all(named.map((folder) => realpath(folder).catch(() => folder)));
  return { hasReal: within(real), hasNamed: within([...named, ...real]) };
}

/** Links to folders are not followed: they may lead round in a circle. */
async function* picturesIn(named: string, real: string, allowed: Allowed): AsyncGenerator<NewItem> {
  const entries = await readdir(real, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => error);
  if (entries instanceof Error) return yield unreadable(named, entries.code);
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const [name, file] = [path.join(named, entry.name), path.join(real, entry.name)];
    if (entry.isDirectory()) yield* picturesIn(name, file, allowed);
    else if (PICTURE.test(entry.name)) {
      const target = entry.isSymbolicLink() ? await realpath(file).catch(() => undefined) : file;
      if (target && !allowed.hasReal(target))
        yield { name, error: errorOf(new AppError('PATH_REFUSED', { path: name })) };
      else yield itemOf(name, target);
    }
  }
}

const itemOf = (name: string, real: string | undefined): NewItem =>
  real === undefined ? unreadable(name, 'ENOENT') : { name, path: real };

const unreadable = (name: string, code = 'unknown'): NewItem => ({
  name,
  error: errorOf(new AppError('FILE_UNREADABLE', { path: name, reason: REASONS[code] ?? code })),
});

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is none',
  EACCES: 'it may not be read',
};
