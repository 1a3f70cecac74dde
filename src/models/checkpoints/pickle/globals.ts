/** The names that a pickle may ask for, and what each builds here. No name is ever looked up, and no other builds anything. */
import type { Reading } from '../refusals.js';
import { isStorageType, rebuildTensor } from './rebuild.js';
import { isOpaque, isTensor, opaque, type Value } from './values.js';

/** The value of `name(*args)`. */
export type Build = (args: readonly Value[], reading: Reading) => Value;

const builders: ReadonlyMap<string, Build> = new Map([
  ['torch._utils _rebuild_tensor_v2', rebuildTensor],
  ['torch._utils _rebuild_tensor', rebuildTensor],
  ['torch._utils _rebuild_parameter', unwrapParameter],
  ['torch._utils _rebuild_parameter_with_state', unwrapParameter],
  ['torch.nn.parameter Parameter', unwrapParameter],
  ['collections OrderedDict', buildDictionary],
  ['builtins set', ([items]) => (Array.isArray(items) ? items : [])],
  ['__builtin__ set', ([items]) => (Array.isArray(items) ? items : [])],
  ['torch Size', ([sizes]) => (Array.isArray(sizes) ? sizes : [])],
  ['torch device', () => opaque],
]);

/** Element types as values, in the settings that a training script saves beside the weights. */
const elementTypes = new Set(
  ['float64', 'float32', 'float16', 'bfloat16', 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool'].map(
    (type) => `torch ${type}`,
  ),
);

/** What calls of a name build; undefined if it may not be called. */
export const builderOf = (name: string): Build | undefined => builders.get(name);

export type Judgement =
  | { readonly kind: 'allowed' }
  /** Tensors of a kind that is not read. */
  | { readonly kind: 'unsupported'; readonly what: string }
  /** The classes of which a whole model is made. */
  | { readonly kind: 'model' }
  | { readonly kind: 'unsafe' };

/** `name` is "module name", such as "posix system". */
export function judgeGlobal(name: string): Judgement {
  if (name.length > LONGEST_NAME) return { kind: 'unsafe' };
  if (builders.has(name) || elementTypes.has(name) || isStorageType(name)) return { kind: 'allowed' };
  const [, what] = unsupported.find(([pattern]) => pattern.test(name)) ?? [];
  if (what !== undefined) return { kind: 'unsupported', what };
  return { kind: MODEL_CLASS.test(name) ? 'model' : 'unsafe' };
}

/** So that the patterns below are quick, whatever they are given. */
const LONGEST_NAME = 200;

const unsupported: readonly (readonly [RegExp, string])[] = [
  [/^torch\._utils _rebuild_sparse(_csr)?_tensor$|^torch\.serialization _get_layout$/, 'sparse tensors'],
  [/^torch\._utils _rebuild_qtensor$|^torch QU?Int\w+Storage$|^torch per_\w+_affine\w*$/, 'quantised tensors'],
  [/^torch Complex(Float|Double)Storage$/, 'tensors of complex numbers'],
  [/^torch\._utils _rebuild_tensor_v3$|^torch (uint|float8)\w+$/, 'tensors of a rare type, such as uint16 or float8'],
  [/^torch\._utils _rebuild_meta_tensor_no_storage$/, 'tensors without data (of the device "meta")'],
  [/^torch\._utils _rebuild_nested_tensor$/, 'nested tensors'],
  [/^torch\._tensor _rebuild_from_type_v2$/, 'tensors of a class of their own'],
];

/** Only classes: a module of the same packages also gives access to whatever it imports. */
const MODEL_CLASS = /^(torch\.nn\.modules|torchvision\.(models|ops)|timm\.(models|layers))(\.[a-z_0-9]+)* _?[A-Z]\w*$/;

/** A parameter is its tensor; gradients and hooks are of no use here. */
function unwrapParameter([tensor]: readonly Value[], { refuse }: Reading): Value {
  if (isTensor(tensor) || isOpaque(tensor)) return tensor;
  throw refuse.invalid('its pickle makes a parameter of something that is not a tensor');
}

/** Python 2 gives the pairs to the constructor, Python 3 adds them later. */
function buildDictionary([pairs = []]: readonly Value[], { refuse }: Reading): Value {
  const dictionary = new Map<Value, Value>();
  for (const pair of Array.isArray(pairs) ? pairs : []) {
    const [key, value] = Array.isArray(pair) ? pair : [];
    if (key === undefined || value === undefined)
      throw refuse.invalid('its pickle makes a dictionary of something that is not pairs');
    dictionary.set(key, value);
  }
  return dictionary;
}
