/** Trainings on disk: trainings/ID/training.json in the data directory, beside what the training itself keeps there. */
import { randomUUID } from 'node:crypto';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { diskErrorInWords, isFile, makeFolder, syncFolder, writeDurably } from '../../folders.js';
import type { Language } from '../../labels/label-set.js';
import { type TrainingRecord, trainingRecord } from './training-record.js';

const RECORD = 'training.json';
const REMOVED = '.removed-';

export interface Records {
  readonly folderOf: (id: string) => string;
  /** The report in that language, or in the only one that there is. */
  readonly reportOf: (id: string, lang: Language) => Promise<string>;
  /** The oldest first; what is no record is passed over. */
  readonly readAll: () => Promise<TrainingRecord[]>;
  /** It is on the disk once this resolves. @throws AppError DISK_FULL, DATA_UNWRITABLE */
  readonly write: (record: TrainingRecord) => Promise<void>;
  /** It is no training any more, in one step for whoever looks. @throws AppError DATA_UNWRITABLE */
  readonly remove: (id: string) => Promise<void>;
  /** Deletes all that was removed, also what a process did not live to delete. @throws AppError DATA_UNWRITABLE */
  readonly clear: () => Promise<void>;
}

/** `home` is the data directory. */
export function createRecords(home: string): Records {
  const trainings = path.join(home, 'trainings');
  const folderOf = (id: string) => path.join(trainings, id);

  async function readAll(): Promise<TrainingRecord[]> {
    const ids = (await readdir(trainings).catch(() => [])).filter((name) => !name.startsWith('.'));
    const found: TrainingRecord[] = [];
    // One after the other: all at once might be more files than a process may open.
    for (const id of ids) found.push(...(await read(id)));
    return found.sort((a, b) => (a.created === b.created ? Number(a.id > b.id) - 1 : a.created < b.created ? -1 : 1));
  }

  async function read(id: string): Promise<TrainingRecord[]> {
    const text = await readFile(path.join(folderOf(id), RECORD), 'utf8').catch(() => '');
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), trainingRecord), text);
    return parsed.success && parsed.output.id === id ? [parsed.output] : [];
  }

  async function write(record: TrainingRecord): Promise<void> {
    const folder = folderOf(record.id);
    const json = `${JSON.stringify(record)}\n`;
    try {
      await makeFolder(folder);
      await writeDurably(path.join(folder, RECORD), json);
      await syncFolder(folder);
      await syncFolder(trainings);
    } catch (error) {
      throw await diskErrorInWords(trainings, error, json.length);
    }
  }

  async function remove(id: string): Promise<void> {
    await rename(folderOf(id), path.join(trainings, REMOVED + randomUUID())).catch(async (error) => {
      if (error.code !== 'ENOENT') throw await diskErrorInWords(trainings, error, 0);
    });
  }

  async function clear(): Promise<void> {
    const gone = (await readdir(trainings).catch(() => [])).filter((name) => name.startsWith(REMOVED));
    try {
      // Each folder in a folder is tried again as often, and somebody waits.
      for (const name of gone) await rm(path.join(trainings, name), { recursive: true, force: true, maxRetries: 2 });
    } catch (error) {
      throw await diskErrorInWords(trainings, error, 0);
    }
  }

  return {
    folderOf,
    reportOf: async (id, lang) => {
      const translated = path.join(folderOf(id), `report.${lang}.html`);
      return (await isFile(translated)) ? translated : path.join(folderOf(id), 'report.html');
    },
    readAll,
    write,
    remove,
    clear,
  };
}
