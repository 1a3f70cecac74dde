/** A file that is still arriving: `NAME.part`, and beside it a note of where it comes from, so that it can be gone on with. */
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import * as v from 'valibot';

export const partOf = (target: string): string => `${target}.part`;
const noteOf = (target: string): string => `${target}.part.json`;

const noteSchema = v.object({
  url: v.string(),
  /** The server's own name for this state of the file. */
  etag: v.nullable(v.string()),
});
export type Note = v.InferOutput<typeof noteSchema>;

export interface Part {
  /** Bytes that are there. */
  readonly bytes: number;
  readonly etag: string | null;
}

const NOTHING: Part = { bytes: 0, etag: null };

/** What is there of a file from this address. */
export async function readPart(target: string, url: string): Promise<Part> {
  try {
    const note = v.parse(noteSchema, JSON.parse(await readFile(noteOf(target), 'utf8')));
    if (note.url !== url) return NOTHING;
    return { bytes: (await stat(partOf(target))).size, etag: note.etag };
  } catch {
    return NOTHING;
  }
}

export async function writeNote(target: string, note: Note): Promise<void> {
  await writeFile(noteOf(target), JSON.stringify(note));
}

export async function removePart(target: string): Promise<void> {
  await rm(partOf(target), { force: true });
  await removeNote(target);
}

export async function removeNote(target: string): Promise<void> {
  await rm(noteOf(target), { force: true });
}
