/** What is in a folder, to the last bit, to compare it with what was there before. */
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { sha256 } from './goldens.js';

/** Every file, link and folder: its content and, for files, its time in hundredths of a second. */
export async function listing(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const file = path.join(folder, name);
    const status = await lstat(file);
    if (status.isDirectory()) found[name] = 'folder';
    else if (status.isSymbolicLink()) found[name] = `link to ${await readlink(file)}`;
    else
      found[name] =
        `${sha256(await readFile(file))} ${Math.round(status.mtimeMs / 10)} ${(status.mode & 0o777).toString(8)}`;
  }
  return found;
}

/** The names alone. */
export const namesIn = async (folder: string): Promise<string[]> => Object.keys(await listing(folder));
