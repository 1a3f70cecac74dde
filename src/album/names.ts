/** Names of folders and files that every file system accepts. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';

/** What Windows refuses in a name, and what no terminal shows. */
const REFUSED = /[<>:"/\\|?*\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;
/** Names that are devices on Windows, also with an ending. */
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)/i;
/** File systems allow 255 bytes (or 255 UTF-16 units); three bytes are one Chinese character. */
const MAX_BYTES = 200;

/** A folder's name for a class or a category. */
export function folderName(name: string): string {
  const plain = shorten(name.normalize('NFC').replace(REFUSED, '_'))
    .replace(/^\.+/, '_')
    .trim()
    .replace(/[. ]+$/, '');
  return plain === '' ? '_' : plain.replace(DEVICE, '$1_');
}

function shorten(name: string): string {
  let short = '';
  for (const character of name) {
    if (Buffer.byteLength(short + character) > MAX_BYTES) break;
    short += character;
  }
  return short;
}

/** The file's name, then "name (2).jpg" and so on. */
export function numbered(name: string, number: number): string {
  if (number === 1) return name;
  const { name: stem, ext } = path.parse(name);
  return `${stem} (${number})${ext}`;
}

/** Where photo programs look for what belongs to a picture. */
export const sidecarOf = (picture: string): string => `${picture}.xmp`;

/** A new name beside a file, for what is to become it once it is complete. */
export const draftBeside = (file: string): string => path.join(path.dirname(file), `.kaiyan-${randomUUID()}.part`);

export const isDraft = (file: string): boolean => /^\.kaiyan-[0-9a-f-]{36}\.part$/.test(path.basename(file));

/** Where an album keeps what it needs, in its folder. */
export const ALBUM_FOLDER = '.kaiyan-album';
