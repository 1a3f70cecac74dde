/** Lists of files. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';

/** The files under a folder whose name ends so, in order. */
export async function filesUnder(folder: string, ending: RegExp): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names
    .filter((name) => ending.test(name))
    .sort()
    .map((name) => path.join(folder, name));
}
