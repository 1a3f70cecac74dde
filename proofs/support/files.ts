/** Where the proofs find their pictures. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fixtures } from '../../tests/support/paths.js';
import { shared } from '../../tests/support/requirements.js';

/** Every file in a folder and the folders inside it, in the order of their names; none if it is not there. */
function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

/** Odd, hostile and broken files, and small pictures of every format. */
export const oddPictures = (): string[] => [
  ...filesIn(path.join(shared, 'robustness')),
  ...filesIn(path.join(fixtures, 'pillow/pictures')),
  ...filesIn(path.join(fixtures, 'heic')),
];

const isPhotograph = (file: string) => /\.jpe?g$/i.test(file);

/** Ordinary photographs, all of them JPEG. */
export const photographs = (): string[] =>
  ['eval', 'calibration'].flatMap((folder) => filesIn(path.join(shared, folder))).filter(isPhotograph);
