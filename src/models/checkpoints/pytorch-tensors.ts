/** Joins the tensors of a pickle with the storages that lie elsewhere in the file. */

import { AppError } from '../../errors.js';
import { FREE_ELEMENTS, MOST_SHARING } from './limits.js';
import type { StorageReference, TensorReference } from './pickle/values.js';
import type { Reading } from './refusals.js';
import { createTensor, elementsOf, type Storage, type Tensor } from './tensor.js';

/**
 * Loads each storage once, however many tensors share it.
 * @throws AppError CHECKPOINT_TOO_LARGE for tensors that have many more elements than are stored, ABORTED, and what `load` throws
 */
export async function bindTensors(
  references: ReadonlyMap<string, TensorReference>,
  load: (storage: StorageReference) => Promise<Storage> | Storage,
  reading: Reading,
): Promise<Map<string, Tensor>> {
  requireStored([...references.values()], reading);
  const storages = new Map<string, Storage>();
  const tensors = new Map<string, Tensor>();
  for (const [name, { storage: reference, view }] of references) {
    if (reading.signal?.aborted) throw new AppError('ABORTED', {});
    const storage = storages.get(reference.key) ?? (await load(reference));
    storages.set(reference.key, storage);
    const start = reference.part?.offset ?? 0;
    tensors.set(name, createTensor(storage, { ...view, offset: start + view.offset }));
  }
  return tensors;
}

/** A stride of 0 makes a million elements of one; whoever asks for them all would run out of memory. */
function requireStored(references: readonly TensorReference[], { refuse }: Reading): void {
  const stored = new Map(references.map(({ storage }) => [storage.key, storage.elements]));
  const held = [...stored.values()].reduce((sum, elements) => sum + elements, 0);
  const claimed = references.reduce((sum, { view }) => sum + elementsOf(view.shape), 0);
  const most = FREE_ELEMENTS + MOST_SHARING * held;
  if (claimed > most) throw refuse.tooLarge(`${claimed} elements made of ${held} that are stored`, `${most} elements`);
}
