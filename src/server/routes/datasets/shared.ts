/** What the routes of data sets have in common. */
import type { InferOutput } from 'valibot';
import type { datasetParams, datasetPictureParams } from '../../training-contract.js';

export interface OfDataset {
  readonly Params: InferOutput<typeof datasetParams>;
}

export interface OfPicture {
  readonly Params: InferOutput<typeof datasetPictureParams>;
}

export const tags = ['Data sets'];
/** Whose pictures they are is nobody else's business. */
export const manager = { access: 'manager' } as const;
export const FOUND = ['DATASET_NOT_FOUND', 'FILE_UNREADABLE', 'MANAGEMENT_REFUSED'] as const;
export const CHANGED = [...FOUND, 'ORIGIN_REFUSED', 'DISK_FULL'] as const;
