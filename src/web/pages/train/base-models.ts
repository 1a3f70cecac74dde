/** Which networks a training can begin with, in words that need no knowledge of them. */
import type { Models } from '../../api/types.ts';

type ModelSummary = Models['models'][number];

export interface BaseModel {
  readonly reference: string;
  readonly license: string;
  /** Of its smallest file. */
  readonly bytes: number;
  /** Among those there are. */
  readonly size: 'only' | 'smallest' | 'middle' | 'largest';
}

/** The smallest first. What somebody has trained themselves knows too few things to begin with. */
export function baseModels({ models }: Models): readonly BaseModel[] {
  const known = models.filter((model) => model.classes >= LEAST_CLASSES && isExact(model));
  const sorted = known
    .map((model) => ({ model, bytes: smallestFile(model) }))
    .toSorted((one, other) => one.bytes - other.bytes);
  return sorted.map(({ model, bytes }, at) => ({
    reference: model.reference,
    license: model.license,
    bytes,
    size: sizeAt(at, sorted.length),
  }));
}

/** A network has learned to see from at least as many. */
const LEAST_CLASSES = 100;

/** Nothing is learned from what 8 bits have rounded. */
const isExact = ({ files }: ModelSummary): boolean => files.some(({ precision }) => precision === 'fp32');

const smallestFile = ({ files }: ModelSummary): number => Math.min(...files.map(({ bytes }) => bytes));

function sizeAt(at: number, count: number): BaseModel['size'] {
  if (count === 1) return 'only';
  if (at === 0) return 'smallest';
  return at === count - 1 ? 'largest' : 'middle';
}
