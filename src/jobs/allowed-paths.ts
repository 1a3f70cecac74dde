/** Files that a job may name by their paths: those under folders that the operator has allowed. */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../errors.js';

/**
 * Where a path really is, once no link is left in it.
 * @throws AppError PATH_REFUSED for one outside the folders, and for one that is not there, which is not to be found out
 */
export async function requireAllowed(file: string, folders: readonly string[]): Promise<string> {
  const refused = new AppError('PATH_REFUSED', { path: file });
  if (!path.isAbsolute(file)) throw refused;
  const real = await realpath(file).catch(() => undefined);
  if (real === undefined) throw refused;
  for (const folder of folders) {
    const root = await realpath(folder).catch(() => undefined);
    if (root !== undefined && isWithin(real, root)) return real;
  }
  throw refused;
}

export function isWithin(file: string, folder: string): boolean {
  const inside = path.relative(folder, file);
  return inside !== '..' && !inside.startsWith(`..${path.sep}`) && !path.isAbsolute(inside);
}
