/** HTML and addresses from text that nobody has checked. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it may stand in an element or a quoted attribute; what cannot be seen, or turns the writing around, becomes �. */
export const escapeHtml = (text: string): string =>
  text
    .replace(/[&<>"']/g, (character) => ENTITIES[character] as string)
    .replace(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');

/** The address of a file, seen from a page in `folder`; both are seen from the album's folder. */
export function addressOf(file: string, folder: string): string {
  // Another drive of Windows has no relative address.
  if (path.isAbsolute(file)) return pathToFileURL(file).href;
  const relative = path.relative(folder, file).split(path.sep).map(encodeSegment).join('/');
  return relative.startsWith('../') ? relative : `./${relative}`;
}

/** Half a character, which Windows allows in names, cannot be encoded. */
const encodeSegment = (segment: string) => encodeURIComponent(Buffer.from(segment).toString());
