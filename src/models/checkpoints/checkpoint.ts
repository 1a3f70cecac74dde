/** A file of tensors, read without running any of it. */
import { readWhole } from './file.js';
import { type CheckpointFormat, formatOf } from './formats.js';
import { type CheckpointLimits, defaultLimits } from './limits.js';
import { readPytorchLegacy } from './pytorch-legacy.js';
import { readPytorchZip } from './pytorch-zip.js';
import { type Reading, refusalsFor } from './refusals.js';
import { readSafetensors } from './safetensors.js';
import type { Tensor } from './tensor.js';

export interface Checkpoint {
  readonly format: CheckpointFormat;
  /** The state_dict in the file, by the names that the model's own code uses. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** SHA-256 of the file, in hexadecimal. */
  readonly sha256: string;
}

export interface ReadCheckpointOptions {
  readonly limits?: Partial<CheckpointLimits>;
  readonly signal?: AbortSignal;
}

/**
 * Reads what `torch.save` or safetensors wrote. The file stays in memory as long as one of its tensors.
 * @throws AppError CHECKPOINT_INVALID, CHECKPOINT_UNSAFE, CHECKPOINT_NOT_A_STATE_DICT, CHECKPOINT_TOO_LARGE, FILE_UNREADABLE, ABORTED
 */
export async function readCheckpoint(path: string, options: ReadCheckpointOptions = {}): Promise<Checkpoint> {
  const refuse = refusalsFor(path);
  const reading: Reading = { limits: { ...defaultLimits, ...options.limits }, refuse, signal: options.signal };
  const { bytes, sha256 } = await readWhole(path, reading);
  const format = formatOf(bytes, refuse);
  return { format, tensors: await readers[format](bytes, reading), sha256 };
}

type Reader = (bytes: Buffer, reading: Reading) => Promise<Map<string, Tensor>> | Map<string, Tensor>;

const readers: Readonly<Record<CheckpointFormat, Reader>> = {
  pytorch: readPytorchZip,
  'pytorch-legacy': readPytorchLegacy,
  safetensors: readSafetensors,
};
