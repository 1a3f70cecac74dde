/** Addresses of files for pages. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** The address of a file, seen from a page in `folder`; both are seen from the album's folder. */
export function addressOf(file: string, folder: string): string {
  // Another drive of Windows has no relative address.
  if (path.isAbsolute(file)) return pathToFileURL(file).href;
  const relative = path.relative(folder, file).split(path.sep).map(encodeSegment).join('/');
  return relative.startsWith('../') ? relative : `./${relative}`;
}

/** Half a character, which Windows allows in names, cannot be encoded. */
const encodeSegment = (segment: string) => encodeURIComponent(Buffer.from(segment).toString());
