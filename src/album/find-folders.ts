/** The folders of an album, as real paths. */
import { access, constants, realpath } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../errors.js';
import { isFolder } from '../folders.js';
import type { Placement } from './picture-record.js';

interface GivenFolders {
  readonly source: string;
  readonly into?: string | undefined;
  readonly how?: Placement | undefined;
}

/** @throws AppError FILE_UNREADABLE, USAGE */
export async function findFolders({ source: given, into, how }: GivenFolders) {
  const source = await requireFolder(given);
  const album = into === undefined ? source : await realOrFuture(into);
  if (how && album === source) throw new AppError('USAGE', { problem: SAME_FOLDER });
  return { source, album };
}

const SAME_FOLDER = 'Expected another folder for the sorted pictures than their own. Name one with --into.';

async function requireFolder(folder: string): Promise<string> {
  try {
    const real = await realpath(folder);
    if (!(await isFolder(real))) throw new Error('it is not a folder');
    await access(real, constants.R_OK | constants.X_OK);
    return real;
  } catch (error) {
    throw new AppError('FILE_UNREADABLE', { path: folder, reason: (error as Error).message });
  }
}

/** The real path of a folder that may not be there yet. */
async function realOrFuture(folder: string): Promise<string> {
  const absolute = path.resolve(folder);
  const parent = path.dirname(absolute);
  return realpath(absolute).catch(async () =>
    parent === absolute ? absolute : path.join(await realOrFuture(parent), path.basename(absolute)),
  );
}
