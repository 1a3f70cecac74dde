/** What `torch.save` wrote before PyTorch 1.6: pickles one behind the other, and then the storages. */
import { unpickle } from './pickle/machine.js';
import type { StorageReference } from './pickle/values.js';
import { bindTensors } from './pytorch-tensors.js';
import { type Reading, shown } from './refusals.js';
import { findStateDict } from './state-dict.js';
import { bytesPerElement, type Storage, type Tensor } from './tensor.js';

const MAGIC_NUMBER = 0x1950a86a20f9469cfc6cn;
const PROTOCOL_VERSION = 1001;
/** Before each storage: the number of its elements. */
const COUNT_BYTES = 8;

/** @throws AppError CHECKPOINT_… */
export async function readPytorchLegacy(bytes: Buffer, reading: Reading): Promise<Map<string, Tensor>> {
  const { refuse } = reading;
  const magic = unpickle(bytes, 0, reading);
  if (magic.value !== MAGIC_NUMBER) throw refuse.invalid('it is a Python pickle that torch.save did not write');
  const version = unpickle(bytes, magic.end, reading);
  if (version.value !== PROTOCOL_VERSION) throw refuse.invalid('it has an unknown version of the format');
  const system = unpickle(bytes, version.end, reading);
  const saved = unpickle(bytes, system.end, reading);
  const keys = unpickle(bytes, saved.end, reading);
  const storages = findStorages(bytes, keys.end, keys.value, saved.storages, reading);

  function load({ key }: StorageReference): Storage {
    const storage = storages.get(key);
    if (!storage) throw refuse.invalid(`its storage ${shown(key)} is missing`);
    return storage;
  }

  return bindTensors(findStateDict(saved.value, refuse), load, reading);
}

/** The storages lie in the order of `keys`, always little-endian (torch/csrc/serialization.cpp). */
function findStorages(
  bytes: Buffer,
  from: number,
  keys: unknown,
  references: ReadonlyMap<string, StorageReference>,
  { refuse }: Reading,
): Map<string, Storage> {
  if (!Array.isArray(keys)) throw refuse.invalid('it has no list of its storages');
  const storages = new Map<string, Storage>();
  let position = from;
  for (const key of keys.map(String)) {
    const reference = references.get(key);
    if (!reference || storages.has(key))
      throw refuse.invalid(`it has a storage ${shown(key)} that belongs to no tensor`);
    const { dtype, elements } = reference;
    const start = position + COUNT_BYTES;
    position = start + elements * bytesPerElement[dtype];
    if (position > bytes.length)
      throw refuse.invalid(`it ends after ${bytes.length} bytes, where its storages need ${position}`);
    const count = bytes.readBigUInt64LE(start - COUNT_BYTES);
    if (count !== BigInt(elements))
      throw refuse.invalid(`its storage ${shown(key)} has ${count} elements, where its tensors need ${elements}`);
    storages.set(key, { bytes: bytes.subarray(start, position), dtype, littleEndian: true });
  }
  return storages;
}
