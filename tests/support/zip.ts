/** Writes small zip files, also such as no program would write. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  /** Written in place of the name in UTF-8. */
  readonly rawName?: Uint8Array;
  readonly bytes: Uint8Array;
  readonly deflated?: boolean;
  /** The general purpose flags. */
  readonly flags?: number;
  /** How it says that it is compressed; deflate is 8. */
  readonly method?: number;
  /** As Unix has it, with the type of the file. */
  readonly mode?: number;
  /** What the directory says in place of the truth. */
  readonly claims?: { readonly bytes?: number; readonly crc32?: number; readonly header?: number };
}

const LOCAL_HEADER = 0x04034b50;
const DIRECTORY_HEADER = 0x02014b50;
const DIRECTORY_END = 0x06054b50;
const UNIX = 3;

export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let position = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.rawName ?? entry.name);
    const content = entry.deflated ? deflateRawSync(entry.bytes) : Buffer.from(entry.bytes);
    const common = describe(entry, name.length, content.length);
    const local = Buffer.concat([word(LOCAL_HEADER), common, name, content]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((entry.mode ?? 0) << 16) >>> 0, 6);
    tail.writeUInt32LE(entry.claims?.header ?? position, 10);
    const madeBy = Buffer.from([20, entry.mode === undefined ? 0 : UNIX]);
    directory.push(Buffer.concat([word(DIRECTORY_HEADER), madeBy, common, tail, name]));
    parts.push(local);
    position += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(DIRECTORY_END);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(position, 16);
  return Buffer.concat([...parts, listed, end]);
}

/** The fields that a local header and the directory share, from "version needed" on. */
function describe(
  { bytes, deflated, flags = 0, method = deflated ? 8 : 0, claims }: ZipEntry,
  nameLength: number,
  compressed: number,
): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(flags, 2);
  fields.writeUInt16LE(method, 4);
  fields.writeUInt32LE(claims?.crc32 ?? crc32(bytes), 10);
  fields.writeUInt32LE(deflated || claims?.bytes === undefined ? compressed : claims.bytes, 14);
  fields.writeUInt32LE(claims?.bytes ?? bytes.length, 18);
  fields.writeUInt16LE(nameLength, 22);
  return fields;
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
