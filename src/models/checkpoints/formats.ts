/** Tells a checkpoint by its first bytes, and names what else it is. */
import type { Refusals } from './refusals.js';
import { looksLikeSafetensors } from './safetensors.js';

export type CheckpointFormat = 'pytorch' | 'pytorch-legacy' | 'safetensors';

const PICKLE = 0x80;
const TAR_MARK_AT = 257;

const others: readonly (readonly [begins: string, what: string])[] = [
  ['version https://git-lfs', 'a pointer of Git LFS, in place of the file itself'],
  ['<', 'a web page, or another XML document'],
  ['{', 'JSON'],
  ['\x89HDF', 'HDF5, as Keras writes it'],
  ['\x93NUMPY', 'a NumPy array'],
  ['GGUF', 'GGUF, as llama.cpp writes it'],
  ['\x1f\x8b', 'compressed with gzip'],
  ['\x08', 'perhaps an ONNX model, for which there is "kaiyan models add"'],
  ['PK', 'a zip file that is empty or split'],
];

/** @throws AppError CHECKPOINT_INVALID that says what the file is */
export function formatOf(bytes: Buffer, refuse: Refusals): CheckpointFormat {
  const begins = (text: string) => bytes.subarray(0, text.length).equals(Buffer.from(text, 'latin1'));
  if (bytes.length === 0) throw refuse.invalid('it is empty');
  if (begins('PK\x03\x04')) return 'pytorch';
  if (bytes[0] === PICKLE) return 'pytorch-legacy';
  if (looksLikeSafetensors(bytes)) return 'safetensors';
  if (bytes.toString('latin1', TAR_MARK_AT, TAR_MARK_AT + 5) === 'ustar')
    throw refuse.invalid('it is a tar file, as PyTorch wrote it before 2017');
  const [, what] = others.find(([text]) => begins(text)) ?? [];
  if (what) throw refuse.invalid(`it is ${what}`);
  throw refuse.invalid(`it begins with the bytes ${bytes.toString('hex', 0, 8)}, as none of these do`);
}
