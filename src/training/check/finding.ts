/** What a data set is found to have. None of it stops a training, and nothing is left out because of it. */

export const FINDING_KINDS = [
  'unreadable',
  'other-files',
  'exact-duplicates',
  'near-duplicates',
  'only-copies',
  'few-pictures',
  'empty-class',
  'imbalance',
  'suspected-label',
  'outlier',
] as const;

export type FindingKind = (typeof FINDING_KINDS)[number];

export interface Finding {
  readonly kind: FindingKind;
  /** Names of the pictures that it is about, the most striking first. */
  readonly pictures: readonly string[];
  /** Which of them belong together, where they do: copies of each other. */
  readonly groups?: readonly (readonly string[])[];
  /** Labels of the classes that it is about; of a suspected label the one that is given and the one that it should be. */
  readonly classes: readonly string[];
  /** What was found, and what to do about it, in a sentence or two. */
  readonly message: string;
  readonly messageZh: string;
}
