/** How PyTorch writes tensors into a pickle: a storage by its key, and a view of it. */
import { MOST_AXES } from '../limits.js';
import { type Reading, shown } from '../refusals.js';
import { type DType, elementsOf, reachOf, type View } from '../tensor.js';
import {
  isGlobal,
  isOpaque,
  isStorage,
  kindOf,
  opaque,
  type StorageReference,
  type TensorReference,
  type Value,
} from './values.js';

const storageTypes: ReadonlyMap<string, DType> = new Map([
  ['torch DoubleStorage', 'float64'],
  ['torch FloatStorage', 'float32'],
  ['torch HalfStorage', 'float16'],
  ['torch BFloat16Storage', 'bfloat16'],
  ['torch LongStorage', 'int64'],
  ['torch IntStorage', 'int32'],
  ['torch ShortStorage', 'int16'],
  ['torch CharStorage', 'int8'],
  ['torch ByteStorage', 'uint8'],
  ['torch BoolStorage', 'bool'],
  ['torch UntypedStorage', 'uint8'],
  ['torch.storage UntypedStorage', 'uint8'],
]);

export const isStorageType = (name: string): boolean => storageTypes.has(name);

/**
 * What a persistent id stands for: `('storage', type, key, location, elements)` is a storage; older files add the part of it
 * that is meant, and name the classes of a whole model.
 * @throws AppError CHECKPOINT_INVALID
 */
export function fromPersistentId(id: Value, { refuse }: Reading): Value {
  const [tag, type, key, , elements, part] = Array.isArray(id) ? id : [];
  if (tag === 'module') return opaque;
  if (isOpaque(type)) return opaque;
  const dtype = isGlobal(type) ? storageTypes.get(type.name) : undefined;
  if (tag !== 'storage' || !dtype || !isKey(key) || !isCount(elements))
    throw refuse.invalid('its pickle names a storage in an unknown way');
  const storage = { kind: 'storage', key: String(key), dtype, elements } as const;
  if (part === undefined || part === null) return storage;
  const [, offset, length] = Array.isArray(part) ? part : [];
  if (!isCount(offset) || !isCount(length) || offset + length > elements)
    throw refuse.invalid(`its storage ${shown(storage.key)} has a part that lies outside it`);
  return { ...storage, part: { offset, elements: length } };
}

/** `(storage, offset, size, stride, …)`. @throws AppError CHECKPOINT_INVALID, CHECKPOINT_TOO_LARGE */
export function rebuildTensor(args: readonly Value[], reading: Reading): Value {
  const { refuse } = reading;
  const [storage, offset, shape, strides, , , metadata] = args;
  if (isOpaque(storage)) return opaque;
  requireFewAxes(shape, reading);
  requireFewAxes(strides, reading);
  if (!isStorage(storage) || !isCount(offset) || !isCounts(shape) || !isCounts(strides))
    throw refuse.invalid(`its pickle makes a tensor of ${kindOf(storage)} in an unknown way`);
  if (metadata instanceof Map && metadata.size > 0) throw refuse.unsupported('negated or conjugated views');
  return createReference(storage, { offset, shape: [...shape], strides: [...strides] }, reading);
}

function createReference(storage: StorageReference, view: View, { limits, refuse }: Reading): TensorReference {
  const { shape, strides } = view;
  if (shape.length !== strides.length)
    throw refuse.invalid(`it has a tensor with ${shape.length} sizes and ${strides.length} strides`);
  const elements = elementsOf(shape);
  if (elements > limits.elements)
    throw refuse.tooLarge(`a tensor of ${elements} elements`, `${limits.elements} elements a tensor`);
  const available = storage.part?.elements ?? storage.elements;
  const reach = reachOf(view);
  if (reach > available) {
    throw refuse.invalid(
      `it has a tensor of shape [${shape.join(', ')}] that reaches to element ${reach} of the ${available} of its storage`,
    );
  }
  return { kind: 'tensor', storage, view };
}

/** Before anything walks through them. */
function requireFewAxes(sizes: Value | undefined, { refuse }: Reading): void {
  if (Array.isArray(sizes) && sizes.length > MOST_AXES)
    throw refuse.tooLarge(`a tensor of ${sizes.length} axes`, `${MOST_AXES} axes`);
}

const isKey = (value: Value | undefined): value is string | number =>
  typeof value === 'string' || typeof value === 'number';

const isCount = (value: Value | undefined): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

const isCounts = (value: Value | undefined): value is number[] => Array.isArray(value) && value.every(isCount);
