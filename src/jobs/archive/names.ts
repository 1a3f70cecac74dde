/** Names in archives: what they say, whether they are names only, and which ones nobody means to send. */
import { invalid } from './invalid.js';

/** Longer ones are no names of pictures. Bytes. */
const LONGEST = 1024;

/**
 * Few archives say how their names are written. UTF-8 is recognised by its form. Windows in Chinese writes GBK: that is assumed if
 * all fits and at least one character is a common one (GB 2312), whose two bytes are graphic signs in other old encodings.
 */
export function decodeName(raw: Buffer, otherwise: () => string): string {
  return (
    decoded('utf-8', raw) ?? ((hasCommonChinese.test(raw.toString('latin1')) && decoded('gb18030', raw)) || otherwise())
  );
}

const hasCommonChinese = /^(?:[^\x80-\xff]|[\x81-\xfe][\x40-\xfe])*?[\xb0-\xf7][\xa1-\xfe]/;

function decoded(encoding: string, raw: Buffer): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(raw);
  } catch {
    return undefined;
  }
}

/**
 * The name of an entry (by its position, from 1), without the `./` that tar writes.
 * @throws AppError ARCHIVE_INVALID for what would be somewhere else if it were a path
 */
export function checkedName(name: string, position: number): string {
  const refused = (what: string) => invalid(`the name of its entry ${position} ${what}`);
  if (Buffer.byteLength(name) > LONGEST) throw refused(`has more than ${LONGEST} bytes`);
  if (name.includes('\0')) throw refused('has a zero byte in it');
  if (name.includes('\\')) throw refused('has a backslash in it');
  if (name.startsWith('/')) throw refused('begins at the root of the file system ("/")');
  if (/^[a-z]:/i.test(name)) throw refused('begins with a drive');
  if (name.split('/').includes('..')) throw refused('leads out of its folder ("..")');
  return name.replace(/^(?:\.\/+)+/, '');
}

/** What systems put beside pictures, and what is hidden. */
export const isBeside = (name: string): boolean =>
  name.split('/').some((part) => part.startsWith('.') || part === '__MACOSX') ||
  /(?:^|\/)(?:thumbs\.db|desktop\.ini)$/i.test(name);
