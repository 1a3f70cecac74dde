/** The undo file: what a run is about to do, written before it does it, so that it is right at every moment. */
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { appendJsonLines, type JsonLinesWriter } from './json-lines.js';
import { ALBUM_FOLDER, isDraft } from './names.js';
import { placements } from './picture-record.js';

/** Whatever an undo file says, nothing else is removed as a draft. */
const draftSchema = v.pipe(
  v.string(),
  v.check((file) => isDraft(file)),
);

/** All paths of steps are seen from the album's folder, so that an album can be undone after it was carried elsewhere. */
const beginningSchema = v.object({
  do: v.literal('begin'),
  version: v.literal(1),
  /** Of the gallery. */
  lang: v.picklist(['en', 'zh']),
  title: v.string(),
});
export type Beginning = v.InferOutput<typeof beginningSchema>;

export const stepSchema = v.variant('do', [
  beginningSchema,
  v.object({ do: v.literal('folder'), path: v.string() }),
  v.object({
    do: v.picklist(placements),
    from: v.string(),
    to: v.string(),
    /** Where a copy grows until it is complete. */
    draft: draftSchema,
    sha256: v.string(),
  }),
  v.object({
    do: v.literal('write'),
    path: v.string(),
    before: v.nullable(v.object({ base64: v.string(), mtimeMs: v.number() })),
    draft: draftSchema,
    sha256: v.string(),
  }),
]);
export type Step = v.InferOutput<typeof stepSchema>;

export interface Journal {
  /**
   * Resolves once the step is in the undo file, also on the disk for those that take something away.
   * @throws AppError OUTPUT_UNWRITABLE
   */
  readonly note: (step: Step) => Promise<void>;
  /** Makes a folder and those above it, and notes each. */
  readonly makeFolder: (folder: string) => Promise<void>;
  /** A path as it is seen from the album's folder. */
  readonly seen: (file: string) => string;
  /** The undo file, if anything was noted. */
  readonly file: () => string | undefined;
  readonly close: () => Promise<void>;
}

/** An undo file of this run, which is made with the first step. */
export function createJournal(album: string, { lang, title }: Pick<Beginning, 'lang' | 'title'>): Journal {
  const name = `undo-${new Date().toISOString().replaceAll(':', '-')}-${process.pid}.jsonl`;
  const file = path.join(album, ALBUM_FOLDER, name);
  const known = new Set<string>();
  let writer: Promise<JsonLinesWriter> | undefined;

  async function begin(): Promise<JsonLinesWriter> {
    const made = await missingFolders(path.dirname(file));
    for (const folder of made) await mkdir(folder);
    const opened = await appendJsonLines(file);
    await opened.write({ do: 'begin', version: 1, lang, title } satisfies Step);
    for (const folder of made) await opened.write({ do: 'folder', path: seen(folder) } satisfies Step);
    return opened;
  }

  async function note(step: Step): Promise<void> {
    writer ??= begin();
    await (await writer).write(step, step.do === 'move' || step.do === 'write');
  }

  async function makeFolder(folder: string): Promise<void> {
    if (known.has(folder)) return;
    // The first step makes some of them.
    if ((await missingFolders(folder)).length > 0) writer ??= begin();
    await writer;
    for (const missing of await missingFolders(folder)) {
      await note({ do: 'folder', path: seen(missing) });
      await mkdir(missing);
    }
    known.add(folder);
  }

  const seen = (target: string) => path.relative(album, target);
  return {
    note,
    makeFolder,
    seen,
    file: () => (writer ? file : undefined),
    close: async () => (await writer)?.close(),
  };
}

/** A folder and those above it that are not there, from the top. */
async function missingFolders(folder: string): Promise<string[]> {
  const missing: string[] = [];
  for (let at = folder; ; at = path.dirname(at)) {
    try {
      await stat(at);
      return missing.reverse();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || at === path.dirname(at)) throw error;
      missing.push(at);
    }
  }
}
