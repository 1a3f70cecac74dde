/** The folder of a training, by which it is found again: `KAIYAN_HOME/trainings/ID`. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Settings } from '../config.js';
import { AppError } from '../errors.js';
import { diskErrorInWords, makeFolder, NO_ROOM, writeDurably } from '../folders.js';
import { sha256Of } from '../hashes.js';
import type { Language } from '../labels/label-set.js';
import { withLock } from '../models/download/lock.js';
import type { TrainingOptions } from './training.js';

/** Where stages are trained: what is needed to go on, several times their weights; in the end, what came of them. */
export const CHECKPOINTS = 'checkpoints';

export interface RunKey {
  /** Of the contents of the pictures and their labels. */
  readonly data: string;
  /** Of the file of the model to begin with. */
  readonly base: string;
  readonly options: TrainingOptions;
  /** Where the data lies, on this machine: who goes on with the model may take it along. */
  readonly source?: string;
}

/** The same for the same data, model and options, wherever the data lies. */
export function runId({ data, base, options }: RunKey): string {
  const { resume: _, numClasses: __, model: ___, ...told } = options;
  return sha256Of(JSON.stringify([data, base, Object.entries(told).sort()])).slice(0, 16);
}

/**
 * Runs `work` as the only one in this folder. What an earlier run has left there is kept if it is to go on with it; then
 * `recipe.json` says what is done.
 * @throws AppError TRAINING_BUSY, DISK_FULL, DATA_UNWRITABLE, and what `work` throws
 */
export async function inRunFolder<Result>(
  folder: string,
  { options, ...key }: RunKey,
  work: () => Promise<Result>,
): Promise<Result> {
  const writing = async (write: () => Promise<void>) => {
    await write().catch(async (error: unknown) => {
      throw await diskErrorInWords(folder, error, 0);
    });
  };
  await writing(() => makeFolder(folder));
  const lock = {
    signal: new AbortController().signal,
    onWait: (process: number) => {
      throw new AppError('TRAINING_BUSY', { folder, process });
    },
  };
  return withLock(path.join(folder, 'lock'), lock, async () => {
    if (!options.resume)
      await Promise.all(LEFT.map((name) => rm(path.join(folder, name), { recursive: true, force: true })));
    await writing(() =>
      writeDurably(path.join(folder, 'recipe.json'), `${JSON.stringify({ ...key, options }, null, 2)}\n`),
    );
    return work().catch(async (error: NodeJS.ErrnoException) => {
      throw isOfWriting(error, folder) ? await diskErrorInWords(folder, error, 0) : error;
    });
  });
}

/** Codes that nothing but writing gives. */
const UNWRITABLE = new Set([...NO_ROOM, 'EROFS']);
/** What is opened in a training's own folder is opened to be written, but for what was written there just before. */
const WRITING = new Set(['copyfile', 'mkdir', 'open', 'rename', 'rm', 'rmdir', 'unlink']);
/** Too many files are open: no fault of the folder. */
const EXHAUSTED = new Set(['EMFILE', 'ENFILE']);

/** Whether the file system would not let something be written, as far as that can be told: into this folder, or for want of room. */
function isOfWriting(error: NodeJS.ErrnoException & { readonly dest?: string }, folder: string): boolean {
  const { code = '', syscall = '', path: from, dest = from } = error;
  if (UNWRITABLE.has(code)) return true;
  if (!WRITING.has(syscall) || EXHAUSTED.has(code) || dest === undefined) return false;
  const inside = path.relative(folder, dest);
  return !inside.startsWith('..') && !path.isAbsolute(inside);
}

/** Whoever trained reads `report.html` now; who looks at it in the page may prefer the other language. */
export const reportName = (lang: Language, { lang: own }: Pick<Settings, 'lang'>): string =>
  lang === own ? 'report.html' : `report.${lang}.html`;

/** What a training writes into its folder; others may keep something there too. */
const LEFT = [CHECKPOINTS, 'bundle', 'report.html', 'report.en.html', 'report.zh.html', 'report.json', 'answers.jsonl'];
