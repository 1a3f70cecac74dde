/** A job: many pictures that are answered in the background, and what became of each. */
import type { Classification } from '../classification/classification.js';
import type { Settings } from '../config.js';
import type { AppError, ErrorCode } from '../errors.js';
import type { Language } from '../labels/label-set.js';

/**
 * `pending` until its first picture is taken; `completed` when every picture has its outcome, unless not one of them could be
 * answered: then it has `failed`.
 */
export type JobState = 'pending' | 'in_progress' | 'completed' | 'failed' | 'canceled';

export interface JobOptions {
  /** Predictions wanted for each picture. */
  readonly top?: number | undefined;
  readonly lang?: Language | undefined;
  /** 0..1, from which a class or a group is named. */
  readonly threshold?: number | undefined;
  /** `NAME` or `NAME@VERSION`; the model that is active when a picture is answered if not given. */
  readonly model?: string | undefined;
  readonly precision?: Settings['precision'] | undefined;
  /** Keeps a small picture of each as long as the results. */
  readonly thumbnails?: boolean | undefined;
  /** Address that is told when the job has ended. */
  readonly webhook?: string | undefined;
}

interface JobCounts {
  readonly total: number;
  readonly answered: number;
  readonly failed: number;
  readonly canceled: number;
}

export interface Job {
  readonly id: string;
  readonly state: JobState;
  readonly options: JobOptions;
  readonly counts: JobCounts;
  /** Outcomes recorded so far; each has the next number, also one that is recorded again after a retry. */
  readonly recorded: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  /** From then on it may be deleted with all that belongs to it. */
  readonly expiresAt: number;
}

/** Where a picture is: one that was sent lies in the picture store under its hash, another one in a folder of the operator. */
export type PictureSource = { readonly sha256: string; readonly bytes: number } | { readonly path: string };

/** A picture of a new job, or why it has none. */
export type NewItem = (PictureSource | { readonly error: ItemError }) & {
  /** As the sender has it. */
  readonly name: string;
};

/** `waiting` until it has an outcome, also while it is in work. */
export type ItemState = 'waiting' | 'answered' | 'failed' | 'canceled';

/** What does not change from one machine or moment to another: without the timing. */
export type KeptAnswer = Omit<Classification, 'timing'>;

export interface ItemError {
  readonly code: ErrorCode;
  readonly error: string;
}

/** What is kept of an error. */
export const keptError = ({ code, message }: AppError): ItemError => ({ code, error: message });

/** One picture of a job. */
export interface Item {
  /** Its position in the job, from 0. */
  readonly item: number;
  readonly name: string;
  /** Unknown for a file in a folder that was not read yet. */
  readonly sha256: string | undefined;
  readonly state: ItemState;
  /** The number of its outcome, from 1, in the order in which they were recorded; 0 for none. */
  readonly sequence: number;
  readonly answer: KeptAnswer | undefined;
  readonly error: ItemError | undefined;
}

export const isEnded = ({ state }: Pick<Job, 'state'>): boolean =>
  state === 'completed' || state === 'failed' || state === 'canceled';
