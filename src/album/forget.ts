/** Pictures that are not there any more. */
import path from 'node:path';
import { isFile } from '../folders.js';
import type { AlbumState } from './state.js';
import { dropThumbnail } from './thumbnails.js';

/** Those that were not met are looked for one by one: they may lie in the album, or in another folder that was sorted into it. */
export async function forgetGone(album: string, state: AlbumState, met: ReadonlySet<string>): Promise<void> {
  const gone = new Set<string>();
  for (const { file, place, sha256 } of [...state.records()]) {
    const isThere = (seen: string) => isFile(path.resolve(album, seen));
    if (met.has(file) || (await isThere(file)) || (place && (await isThere(place.to)))) continue;
    await state.delete(file);
    gone.add(sha256);
  }
  if (gone.size === 0) return;
  for (const { sha256 } of state.records()) gone.delete(sha256);
  for (const sha256 of gone) await dropThumbnail(album, sha256);
}
