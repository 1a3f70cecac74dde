/** What a pickle may build here: plain values, containers, and references to tensors. */
import type { DType, View } from '../tensor.js';

export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Value[]
  | Map<Value, Value>
  | GlobalName
  | StorageReference
  | TensorReference
  | Opaque;

/** A name that the pickle asked Python for; nothing is looked up. */
export interface GlobalName {
  readonly kind: 'global';
  /** "torch._utils _rebuild_tensor_v2". */
  readonly name: string;
}

/** A storage that the pickle names and that lies elsewhere in the file. */
export interface StorageReference {
  readonly kind: 'storage';
  readonly key: string;
  readonly dtype: DType;
  /** Elements that the pickle claims for the storage as it lies in the file. */
  readonly elements: number;
  /** Files of before PyTorch 0.4 name parts of a storage: where the part begins and how long it is, in elements. */
  readonly part?: { readonly offset: number; readonly elements: number };
}

export interface TensorReference {
  readonly kind: 'tensor';
  readonly storage: StorageReference;
  /** Lies within the storage. */
  readonly view: View;
}

/** Something that is of no use here, such as bytes: one value stands for all. */
export interface Opaque {
  readonly kind: 'opaque';
}

export const opaque: Opaque = { kind: 'opaque' };

type Kinded = GlobalName | StorageReference | TensorReference | Opaque;

const hasKind = (value: Value | undefined): value is Kinded =>
  typeof value === 'object' && value !== null && 'kind' in value;

export const isOpaque = (value: Value | undefined): value is Opaque => value === opaque;
export const isGlobal = (value: Value | undefined): value is GlobalName => hasKind(value) && value.kind === 'global';
export const isStorage = (value: Value | undefined): value is StorageReference =>
  hasKind(value) && value.kind === 'storage';
export const isTensor = (value: Value | undefined): value is TensorReference =>
  hasKind(value) && value.kind === 'tensor';

/** "a list", "a tensor", "a number", for messages. */
export function kindOf(value: Value | undefined): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Map) return 'a dictionary';
  if (isTensor(value)) return 'a single tensor';
  if (isStorage(value)) return 'a single storage';
  if (isGlobal(value)) return 'a name';
  if (isOpaque(value)) return 'something that is not a tensor';
  return typeof value === 'string' ? 'a text' : 'a number';
}
