/** By what the same data is known again, in training and in evaluation. */
import { sha256Of } from '../hashes.js';

/** The same for the same contents (by their SHA-256) under the same labels, in any order and whatever the files are called. */
export function fingerprintOfLabelled(pictures: readonly (readonly [sha256: string, label: string])[]): string {
  const lines = pictures.map(([sha256, label]) => `${sha256} ${label}`);
  return sha256Of(lines.sort().join('\n'));
}
