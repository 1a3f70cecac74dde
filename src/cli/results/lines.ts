/** The lines of a file that was being written when its process ended. */

export interface WrittenLine {
  /** With the line break at its end, if it has one. */
  readonly text: string;
  /** Bytes from the beginning of the file to the end of this line. */
  readonly end: number;
  /** False for the last line if its end is missing. */
  readonly complete: boolean;
}

const NEW_LINE = 0x0a;
const QUOTE = 0x22;
/** No line of ours is longer: what is, is given as it stands, for complete. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * Reads line by line. Where a zero byte comes the file ends for us, since we write none: after a power cut they stand for
 * what was not written out. `quoted` says that a line break between quotes belongs to the line.
 */
export async function* readLines(blocks: AsyncIterable<Buffer>, quoted: boolean): AsyncGenerator<WrittenLine> {
  let parts: Buffer[] = [];
  let length = 0;
  let end = 0;
  let inQuotes = false;
  let isOver = false;

  function take(complete: boolean): WrittenLine {
    const decoded = Buffer.concat(parts).toString();
    // The end may be missing in the middle of a character.
    const text = complete ? decoded : decoded.replace(/\ufffd+$/, '');
    end += length;
    [parts, length] = [[], 0];
    return { text, end, complete };
  }

  function add(part: Buffer): void {
    if (quoted && hasOddQuotes(part)) inQuotes = !inQuotes;
    if (part.length > 0) parts.push(part);
    length += part.length;
  }

  for await (const block of blocks) {
    const zero = block.indexOf(0);
    isOver = zero >= 0;
    const usable = isOver ? block.subarray(0, zero) : block;
    let from = 0;
    for (let at = usable.indexOf(NEW_LINE); at >= 0; at = usable.indexOf(NEW_LINE, from)) {
      add(usable.subarray(from, at + 1));
      from = at + 1;
      if (!inQuotes) yield take(true);
    }
    // A copy: the next block may come in the same memory.
    add(Buffer.from(usable.subarray(from)));
    if (length > MOST_BYTES) return yield take(true);
    if (isOver) break;
  }
  if (isOver || length > 0) yield take(false);
}

function hasOddQuotes(bytes: Buffer): boolean {
  let odd = false;
  for (let at = bytes.indexOf(QUOTE); at >= 0; at = bytes.indexOf(QUOTE, at + 1)) odd = !odd;
  return odd;
}
