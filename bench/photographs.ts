/** Which pictures the servers are asked about. */
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { photographs } from '../proofs/support/files.js';
import { examples } from '../tests/support/paths.js';

export interface Selection {
  /** Where they were found, in words. */
  readonly source: string;
  readonly files: readonly string[];
}

/** What both servers and `kaiyan bench` decode. */
const READ_BY_ALL = /\.(jpe?g|png|webp)$/i;

/**
 * At most `most` pictures, evenly spread over the names in the folder; without a folder over all photographs beside the
 * project, or over the examples where there are none.
 * @throws Error if there is none
 */
export function choosePictures(folder: string | undefined, most: number): Selection {
  if (folder !== undefined) return { source: folder, files: spread(picturesIn(folder), most) };
  const all = photographs();
  if (all.length === 0) return choosePictures(path.relative(process.cwd(), examples), most);
  return { source: `the ${all.length} photographs of ../shared`, files: spread(all, most) };
}

/** @throws Error if there is none */
export function picturesIn(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => READ_BY_ALL.test(name)) : [];
  if (names.length === 0) throw new Error(`Expected JPEG, PNG or WebP pictures in ${folder}, but there are none.`);
  return names.sort().map((name) => path.join(folder, name));
}

function spread(files: readonly string[], most: number): string[] {
  const count = Math.min(most, files.length);
  return Array.from({ length: count }, (_, i) => files[Math.floor((i * files.length) / count)] as string);
}

/** Makes a folder of the chosen pictures, so that everything measures with the same ones. */
export function linkPictures(files: readonly string[], folder: string): string {
  mkdirSync(folder);
  for (const [i, file] of files.entries())
    symlinkSync(path.resolve(file), path.join(folder, `${String(i).padStart(2, '0')}-${path.basename(file)}`));
  return folder;
}
