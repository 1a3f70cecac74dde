/** What an album knows from one run to the next: a line for each picture and each change, the last one of a picture counts. */
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { appendJsonLines, type JsonLinesWriter, readJsonLines } from './json-lines.js';
import { ALBUM_FOLDER } from './names.js';
import { type Names, type PictureRecord, recordSchema } from './picture-record.js';

export interface AlbumState {
  readonly get: (file: string) => PictureRecord | undefined;
  readonly put: (record: PictureRecord) => Promise<void>;
  readonly delete: (file: string) => Promise<void>;
  readonly records: () => Iterable<PictureRecord>;
  /** Shortens the file if most of it is outdated. */
  readonly close: () => Promise<void>;
}

export const stateFile = (album: string): string => path.join(album, ALBUM_FOLDER, 'state.jsonl');

const lineSchema = v.union([recordSchema, v.strictObject({ gone: v.string() })]);
/** A file is worth writing anew when it has so many times the lines that it needs. */
const OUTDATED = 2;

/**
 * Lines that are damaged are as if they had never been: their pictures are new. With `readOnly` changes are known to this
 * process alone.
 * @throws AppError FILE_UNREADABLE, OUTPUT_UNWRITABLE
 */
export async function openState(album: string, { readOnly }: { readonly readOnly: boolean }): Promise<AlbumState> {
  const file = stateFile(album);
  const records = new Map<string, PictureRecord>();
  const share = createSharing();
  let lines = 0;
  for await (const value of readJsonLines(file)) {
    lines += 1;
    const line = v.safeParse(lineSchema, value);
    if (!line.success) continue;
    if ('gone' in line.output) records.delete(line.output.gone);
    else records.set(line.output.file, share(line.output));
  }
  let writer: JsonLinesWriter | undefined;

  async function append(line: object): Promise<void> {
    if (readOnly) return;
    writer ??= await appendJsonLines(file);
    lines += 1;
    await writer.write(line);
  }

  async function put(record: PictureRecord): Promise<void> {
    await append(record);
    records.set(record.file, share(record));
  }

  async function remove(gone: string): Promise<void> {
    await append({ gone });
    records.delete(gone);
  }

  async function close(): Promise<void> {
    await writer?.close();
    if (readOnly || lines <= records.size * OUTDATED + 1) return;
    const draft = `${file}.part`;
    await rm(draft, { force: true });
    try {
      const shorter = await appendJsonLines(draft);
      for (const record of records.values()) await shorter.write(record);
      await shorter.close();
      await rename(draft, file);
    } catch {
      // The long one is as good.
      await rm(draft, { force: true });
    }
  }

  return { get: (wanted) => records.get(wanted), put, delete: remove, records: () => records.values(), close };
}

/** 100,000 pictures show the same few hundred things, which are held once. */
function createSharing(): (record: PictureRecord) => PictureRecord {
  const known = new Map<string, unknown>();
  function one<Value>(value: Value): Value {
    const key = JSON.stringify(value);
    if (!known.has(key)) known.set(key, value);
    return known.get(key) as Value;
  }
  const names = (value: Names | null) => value && one(value);
  return ({ keywords, ...record }) => ({
    ...record,
    asked: one(record.asked),
    label: names(record.label),
    category: names(record.category),
    categories: one(record.categories),
    ...(keywords && { keywords: { ...keywords, wanted: one(keywords.wanted), ours: one(keywords.ours) } }),
  });
}
