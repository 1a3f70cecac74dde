/** Which networks a training can begin with, in words that need no knowledge of them. */
import type { Models } from '../../api/types.ts';

export interface BaseModel {
  readonly reference: string;
  readonly license: string;
  /** Of the file that a training begins with, FP32. */
  readonly bytes: number;
  /** Among those that came from elsewhere; `own` is one that was trained here. */
  readonly size: 'only' | 'smallest' | 'middle' | 'largest' | 'own';
  /** What one of one's own was trained from. */
  readonly from?: string;
}

/** The smallest first, one's own last. What was trained with few classes knows too few things to begin with. */
export function baseModels({ models }: Models): readonly BaseModel[] {
  const all = models
    .filter(({ classes }) => classes >= LEAST_CLASSES)
    .flatMap((model) =>
      model.files.flatMap(({ precision, bytes }) => (precision === 'fp32' ? { ...model, bytes } : [])),
    )
    .toSorted((one, other) => one.bytes - other.bytes);
  const given = all.filter(({ trainedFrom }) => trainedFrom === undefined);
  const sizes = given.map(({ bytes }) => bytes);
  return [
    ...given.map(({ reference, license, bytes }) => ({ reference, license, bytes, size: sizeAmong(bytes, sizes) })),
    ...all.flatMap(({ reference, license, bytes, trainedFrom: from }) =>
      from === undefined ? [] : { reference, license, bytes, from, size: 'own' as const },
    ),
  ];
}

/** A network has learned to see from at least as many. */
const LEAST_CLASSES = 100;

function sizeAmong(bytes: number, sizes: readonly number[]): BaseModel['size'] {
  if (sizes.length === 1) return 'only';
  if (bytes === Math.min(...sizes)) return 'smallest';
  return bytes === Math.max(...sizes) ? 'largest' : 'middle';
}
