/** What became of a picture. */
import type { Classification } from '../../classification/classification.js';
import type { AppError } from '../../errors.js';

export type Outcome = { readonly file: string } & (
  | { readonly classification: Classification }
  | { readonly error: AppError }
);
