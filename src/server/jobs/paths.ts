/** Pictures that are named by their paths: files and folders on this machine that the operator has allowed. */
import { readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { PICTURE_NAME } from '../../dataset/labelled-pictures.js';
import { AppError } from '../../errors.js';
import { isFolder } from '../../folders.js';
import { isWithin } from '../../jobs/allowed-paths.js';
import { keptError, type NewItem } from '../../jobs/job.js';

type IsAllowed = (file: string) => boolean;

/**
 * One item for each file, in the order of the paths; for a folder those of all pictures in it, by their names. What is in
 * the folders and cannot be read, or is only a link to elsewhere, is an item that has failed.
 * @throws AppError PATH_REFUSED for a path outside
 */
export async function* itemsAt(paths: readonly string[], folders: readonly string[]): AsyncGenerator<NewItem> {
  const roots = await Promise.all(folders.map((folder) => realpath(folder).catch(() => path.resolve(folder))));
  const isAllowed = (file: string) => roots.some((root) => isWithin(file, root));
  const isNamedAllowed = (file: string) => isAllowed(file) || folders.some((folder) => isWithin(file, folder));
  for (const named of paths) {
    const real = await realpath(named).catch(() => undefined);
    // What is missing is only told where one may look.
    const mayLook = real === undefined ? isNamedAllowed(path.resolve(named)) : isAllowed(real);
    if (!path.isAbsolute(named) || !mayLook) throw new AppError('PATH_REFUSED', { path: named });
    if (real && (await isFolder(real))) yield* picturesIn(named, real, isAllowed);
    else yield itemOf(named, real);
  }
}

/** Links to folders are not followed: they may lead round in a circle. */
async function* picturesIn(named: string, real: string, isAllowed: IsAllowed): AsyncGenerator<NewItem> {
  const entries = await readdir(real, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => error);
  if (entries instanceof Error) return yield unreadable(named, entries.code);
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const [name, file] = [path.join(named, entry.name), path.join(real, entry.name)];
    if (entry.isDirectory()) yield* picturesIn(name, file, isAllowed);
    else if (PICTURE_NAME.test(entry.name)) {
      const target = entry.isSymbolicLink() ? await realpath(file).catch(() => undefined) : file;
      if (target && !isAllowed(target)) yield { name, error: keptError(new AppError('PATH_REFUSED', { path: name })) };
      else yield itemOf(name, target);
    }
  }
}

const itemOf = (name: string, real: string | undefined): NewItem =>
  real === undefined ? unreadable(name, 'ENOENT') : { name, path: real };

const unreadable = (name: string, code = 'unknown'): NewItem => ({
  name,
  error: keptError(new AppError('FILE_UNREADABLE', { path: name, reason: REASONS[code] ?? code })),
});

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is none',
  EACCES: 'it may not be read',
};
