/** The state of a fine-tuning between two epochs, or after the last one, as one file that is replaced at once: a JSON header, and the numbers. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { diskErrorInWords, writeDurably } from '../../folders.js';
import type { Optimiser } from './optimiser.js';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const pointSchema = v.strictObject({
  epoch: count,
  loss: v.number(),
  accuracy: v.number(),
  validationLoss: v.number(),
  validationAccuracy: v.number(),
});

const headerSchema = v.strictObject({
  /** What the training was told: it goes on only where that is the same. */
  key: v.string(),
  /** Of the optimiser. */
  steps: count,
  /** The epoch with the least validation loss; 0 is the state before the first. */
  best: count,
  /** From the state before the first epoch to the last one that is done. */
  curve: v.array(pointSchema),
  /** Positions of pictures that could not be read any more. */
  leftOut: v.array(count),
  /** In tensors: how many weights go on to be trained, and how many are kept of the best epoch. */
  trained: count,
  kept: count,
  /** How many numbers each tensor has. */
  lengths: v.array(count),
});

export interface SavedState extends Omit<v.InferOutput<typeof headerSchema>, 'lengths' | 'trained' | 'kept'> {
  /** None after the last epoch. */
  readonly weights: readonly Float32Array[];
  /** Of the optimiser, of each of them. */
  readonly moments: Optimiser['moments'];
  /** Those of the best epoch; undefined where that is the state before the first. */
  readonly bestWeights: readonly Float32Array[] | undefined;
  /** What the best epoch says of the validation pictures. */
  readonly bestLogits: Float32Array;
}

const FILE = 'fine-tuning.state';
const LENGTH_BYTES = 4;

/** @throws AppError DISK_FULL, DATA_UNWRITABLE */
export async function saveState(
  folder: string,
  { weights, moments, bestWeights = [], bestLogits, ...header }: SavedState,
): Promise<void> {
  const [means, squares] = [moments.map(({ mean }) => mean), moments.map(({ square }) => square)];
  const tensors = [...weights, ...means, ...squares, ...bestWeights, bestLogits];
  const lengths = tensors.map(({ length }) => length);
  const counts = { trained: weights.length, kept: bestWeights.length };
  const text = Buffer.from(JSON.stringify({ ...header, ...counts, lengths }));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(text.length);
  const parts = tensors.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength));
  const bytes = Buffer.concat([length, text, ...parts]);
  await writeDurably(path.join(folder, FILE), bytes).catch(async (error) => {
    throw await diskErrorInWords(folder, error, bytes.length);
  });
}

/** Undefined if there is none of this training. */
export async function loadState(folder: string, key: string): Promise<SavedState | undefined> {
  const bytes = await readFile(path.join(folder, FILE)).catch(() => undefined);
  if (!bytes || bytes.length < LENGTH_BYTES) return undefined;
  const start = LENGTH_BYTES + bytes.readUInt32LE(0);
  const parsed = v.safeParse(headerSchema, parse(bytes.toString('utf8', LENGTH_BYTES, start)));
  if (!parsed.success || parsed.output.key !== key) return undefined;
  const { lengths, trained, kept, ...header } = parsed.output;
  if (start + 4 * lengths.reduce((sum, length) => sum + length, 0) !== bytes.length) return undefined;
  let at = start;
  const tensors = lengths.map((length) => {
    const values = new Float32Array(Uint8Array.from(bytes.subarray(at, at + 4 * length)).buffer);
    at += 4 * length;
    return values;
  });
  const [weights, means, squares] = [0, 1, 2].map(() => tensors.splice(0, trained)) as [Tensors, Tensors, Tensors];
  const bestWeights = tensors.splice(0, kept);
  const [bestLogits] = tensors;
  return (
    bestLogits && {
      ...{ ...header, weights, moments: means.map((mean, i) => ({ mean, square: squares[i] as Float32Array })) },
      ...{ bestWeights: kept > 0 ? bestWeights : undefined, bestLogits },
    }
  );
}

type Tensors = Float32Array[];

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
