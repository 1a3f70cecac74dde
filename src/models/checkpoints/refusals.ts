/** Why a file is refused as a checkpoint, in the words of the error table. */
import { AppError } from '../../errors.js';
import type { CheckpointLimits } from './limits.js';

export interface Refusals {
  /** Damaged, or something else altogether. */
  readonly invalid: (reason: string) => AppError<'CHECKPOINT_INVALID'>;
  /** Sound, but of a kind that is not read: `what` is the object of "it has". */
  readonly unsupported: (what: string) => AppError<'CHECKPOINT_INVALID'>;
  readonly unsafe: (global: string) => AppError<'CHECKPOINT_UNSAFE'>;
  readonly notStateDict: (found: string) => AppError<'CHECKPOINT_NOT_A_STATE_DICT'>;
  readonly tooLarge: (actual: string, limit: string) => AppError<'CHECKPOINT_TOO_LARGE'>;
}

/** What every step of reading a file needs. */
export interface Reading {
  readonly limits: CheckpointLimits;
  readonly refuse: Refusals;
  readonly signal?: AbortSignal | undefined;
}

export function refusalsFor(path: string): Refusals {
  return {
    invalid: (reason) => new AppError('CHECKPOINT_INVALID', { path, reason }),
    unsupported: (what) =>
      new AppError('CHECKPOINT_INVALID', {
        path,
        reason: `it has ${what}, which are not read`,
        remedy: 'Make them ordinary float32 tensors in Python, and save those: torch.save(state_dict, "weights.pth").',
      }),
    unsafe: (global) => new AppError('CHECKPOINT_UNSAFE', { path, global }),
    notStateDict: (found) => new AppError('CHECKPOINT_NOT_A_STATE_DICT', { path, found }),
    tooLarge: (actual, limit) => new AppError('CHECKPOINT_TOO_LARGE', { path, actual, limit }),
  };
}

const MOST_SHOWN = 80;

/** A name from the file, fit for a message: short, and without what a terminal would obey. */
export function shown(name: string): string {
  const clean = name.slice(0, MOST_SHOWN + 1).replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '\u{fffd}');
  return clean.length > MOST_SHOWN ? `${clean.slice(0, MOST_SHOWN)}…` : clean;
}

/** "1.5 GiB", "96 bytes". */
export function inBytes(bytes: number): string {
  if (bytes < 2 ** 10) return `${bytes} bytes`;
  const [unit, size] = bytes < 2 ** 20 ? ['KiB', 2 ** 10] : bytes < 2 ** 30 ? ['MiB', 2 ** 20] : ['GiB', 2 ** 30];
  return `${(bytes / size).toFixed(1)} ${unit}`;
}
