/** Which model took over from which, when and on whose word: `KAIYAN_HOME/promotions.jsonl`, to which lines are only added. */
import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { type ChosenModel, chosenModelFile, readChosenModel, writeChosenModel } from '../chosen-model.js';
import { AppError } from '../errors.js';
import { diskErrorInWords, makeFolder } from '../folders.js';

/** A model as it was asked for. */
export const answeringSchema = v.object({
  /** NAME@VERSION. */
  reference: v.string(),
  precision: v.picklist(['auto', 'int8', 'fp32']),
});
export type Answering = Readonly<v.InferOutput<typeof answeringSchema>>;

export const promotionSchema = v.object({
  id: v.string(),
  at: v.pipe(v.string(), v.isoTimestamp()),
  /** An activation by the API says nothing of a next start, one by the command does. */
  kind: v.picklist(['promotion', 'rollback', 'activation']),
  from: answeringSchema,
  to: answeringSchema,
  /** The training that the model came from, by its id. */
  training: v.nullable(v.string()),
  by: v.picklist(['api', 'command']),
});
export type Promotion = Readonly<v.InferOutput<typeof promotionSchema>>;

export const promotionsFile = (home: string): string => path.join(home, 'promotions.jsonl');

/** Some thousands of changes; what is older stays in the file. */
const MOST_BYTES = 1_000_000;

/** The newest first; a line that is not whole is passed over. @throws AppError FILE_UNREADABLE */
export async function readPromotions(home: string): Promise<Promotion[]> {
  const file = promotionsFile(home);
  try {
    const handle = await open(file);
    const text = await readEnd(handle).finally(() => handle.close());
    return text.split('\n').flatMap(parse).reverse();
  } catch (thrown) {
    const error = thrown as NodeJS.ErrnoException;
    if (['ENOENT', 'ENOTDIR'].includes(error.code ?? '')) return [];
    throw new AppError('FILE_UNREADABLE', { path: file, reason: error.message }, { cause: error });
  }
}

async function readEnd(handle: FileHandle): Promise<string> {
  const { size } = await handle.stat();
  const from = Math.max(0, size - MOST_BYTES);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from);
  return buffer.toString('utf8', 0, bytesRead);
}

function parse(line: string): Promotion[] {
  try {
    return [v.parse(promotionSchema, JSON.parse(line))];
  } catch {
    return [];
  }
}

export const isSame = (a: Answering, b: Answering) => a.reference === b.reference && a.precision === b.precision;

/**
 * What the last change replaced that was not taken back yet, if it is another model than the present one. An activation by
 * the API counts only for the service that made it, as long as that runs: `own` are the ids of those.
 */
export function replacedModel(
  newestFirst: readonly Promotion[],
  present: Answering,
  own: readonly string[] = [],
): Answering | undefined {
  let replaced: Promotion[] = [];
  for (const change of newestFirst.toReversed()) {
    if (change.kind !== 'rollback') replaced.push(change);
    else {
      const exactly = replaced.findLastIndex(({ from }) => isSame(from, change.to));
      // A precision that is no longer there has become another one.
      const taken =
        exactly < 0 ? replaced.findLastIndex(({ from }) => from.reference === change.to.reference) : exactly;
      replaced = replaced.slice(0, Math.max(0, taken));
    }
  }
  const counts = ({ id, kind, by }: Promotion) => kind !== 'activation' || by === 'command' || own.includes(id);
  return replaced.findLast((change) => counts(change) && !isSame(change.from, present))?.from;
}

/** By what a model answers also after the next start, if it was the last change: an activation by the API says nothing of that. */
export async function standingPromotion(home: string, present: Answering): Promise<Promotion | undefined> {
  if (readableChoice(home)?.model !== present.reference) return undefined;
  const [newest] = await readPromotions(home);
  const isLasting = newest && !(newest.kind === 'activation' && newest.by === 'api');
  return isLasting && isSame(newest.to, present) ? newest : undefined;
}

type Told = Omit<Promotion, 'id' | 'at'>;

/**
 * Has the model answer from the next start on, and records it. If that fails, all is as it was. `named` is how it was asked
 * for, if not as it is recorded.
 * @throws AppError MODELS_UNWRITABLE, DATA_UNWRITABLE, DISK_FULL
 */
export async function settlePromotion(home: string, told: Told, named: Partial<ChosenModel> = {}): Promise<Promotion> {
  const before = readableChoice(home);
  const promotion = promotionOf(told);
  await writeChosenModel(home, { ...choiceOf(promotion), ...named });
  try {
    await record(home, promotion);
  } catch (error) {
    await (before ? writeChosenModel(home, before) : rm(chosenModelFile(home))).catch(() => undefined);
    throw error;
  }
  return promotion;
}

/** What is chosen by it for the next start. */
export const choiceOf = ({ to, at }: Promotion): ChosenModel => ({
  ...{ model: to.reference, precision: to.precision, chosen: at },
});

/** The record alone. @throws AppError DATA_UNWRITABLE, DISK_FULL */
export async function recordPromotion(home: string, told: Told): Promise<Promotion> {
  const promotion = promotionOf(told);
  await record(home, promotion);
  return promotion;
}

const promotionOf = (told: Told): Promotion => ({ id: randomUUID(), at: new Date().toISOString(), ...told });

async function record(home: string, promotion: Promotion): Promise<void> {
  const line = JSON.stringify(promotion);
  try {
    await append(promotionsFile(home), line);
  } catch (error) {
    throw await diskErrorInWords(home, error, line.length);
  }
}

/** One that cannot be read is none, and would only stand in the way. */
function readableChoice(home: string): ChosenModel | undefined {
  try {
    return readChosenModel(home);
  } catch {
    return undefined;
  }
}

/** In one write, so that lines of several processes do not mix; what is left of a line that was not finished stays one of its own. */
async function append(file: string, line: string): Promise<void> {
  await makeFolder(path.dirname(file));
  const handle = await open(file, 'a+');
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
    const isUnfinished = bytesRead === 1 && buffer.toString() !== '\n';
    await handle.appendFile(`${isUnfinished ? '\n' : ''}${line}\n`);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}
