/** What a service and the process that trains for it say to each other. */
import type { Settings } from '../../config.js';
import type { DatasetFiles } from '../../dataset/kept/datasets.js';
import type { ErrorCode } from '../../errors.js';
import type { TrainingEvent, TrainingOptions } from '../training.js';
import type { Outcome } from './training-record.js';

export interface Order {
  readonly settings: Settings;
  readonly options: TrainingOptions;
  /** A list of pictures with the names of their classes, or what people have corrected. */
  readonly source: DatasetFiles | 'corrections';
  /** Where it may keep what it needs to go on. */
  readonly folder: string;
}

/** `stop` asks for the best so far. */
export type ToTraining = { readonly kind: 'begin'; readonly order: Order } | { readonly kind: 'stop' };

/** Pictures that cannot be read are findings too. */
export type ToldEvent = Exclude<TrainingEvent, { readonly kind: 'unreadable' }>;

export type FromTraining =
  | ToldEvent
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly error: string };
