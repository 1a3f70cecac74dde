/** A file of tensors, read without running any of it. */
import type { Tensor } from './tensor.js';

export interface Checkpoint {
  readonly format: 'pytorch' | 'pytorch-legacy' | 'safetensors';
  /** The state_dict in the file, by the names that the model's own code uses. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** SHA-256 of the file, in hexadecimal. */
  readonly sha256: string;
}

/** What a checkpoint may claim before it is refused. */
export interface CheckpointLimits {
  /** Bytes of the file. */
  readonly fileBytes: number;
}

export interface ReadCheckpointOptions {
  readonly limits?: Partial<CheckpointLimits>;
  readonly signal?: AbortSignal;
}

/** Reads a file of tensors. @throws AppError CHECKPOINT_INVALID, CHECKPOINT_UNSAFE, CHECKPOINT_NOT_A_STATE_DICT, CHECKPOINT_TOO_LARGE, FILE_UNREADABLE, ABORTED */
export async function readCheckpoint(path: string, _options: ReadCheckpointOptions = {}): Promise<Checkpoint> {
  throw new Error(`cannot read ${path} yet`);
}
