/** Finds the named tensors in what was saved, and gives them the names that the model's own code uses. */
import { isTensor, kindOf, type TensorReference, type Value } from './pickle/values.js';
import { type Refusals, shown } from './refusals.js';

/** Under which key training scripts save the weights, the likeliest first. */
const WEIGHTS = [
  'state_dict',
  'model_state_dict',
  'model_state',
  'model',
  'net',
  'network',
  'module',
  'weights',
  'params',
];
const DEEPEST = 4;
const MOST_SHOWN = 8;

type Dictionary = ReadonlyMap<Value, Value>;

/** @throws AppError CHECKPOINT_NOT_A_STATE_DICT, CHECKPOINT_INVALID */
export function findStateDict(saved: Value, refuse: Refusals): Map<string, TensorReference> {
  if (!(saved instanceof Map)) throw refuse.notStateDict(kindOf(saved));
  const holdsTensors = createTensorSearch();
  let dictionary: Dictionary = saved;
  for (let depth = 0; depth < DEEPEST; depth++) dictionary = innerOf(dictionary, holdsTensors);
  const tensors = tensorsOf(dictionary);
  if (tensors.size === 0) throw refuse.notStateDict(describe(saved));
  return cleanNames(tensors, refuse);
}

/** Where the weights are in a dictionary: under one of the usual keys, in itself, or in the only other one with tensors. */
function innerOf(dictionary: Dictionary, holdsTensors: (dictionary: Dictionary) => boolean): Dictionary {
  const usual = WEIGHTS.map((key) => dictionary.get(key)).filter((value) => value instanceof Map);
  const named = usual.find(holdsTensors);
  if (named) return named;
  if (holdsTensors(dictionary)) return dictionary;
  const others = [...dictionary.values()].filter((value) => value instanceof Map).filter(holdsTensors);
  if (others.length === 1) return others[0] ?? dictionary;
  return usual[0] ?? dictionary;
}

/** Whether a dictionary itself has tensors. Each is looked through once, although a pickle can name it any number of times. */
function createTensorSearch(): (dictionary: Dictionary) => boolean {
  const searched = new Map<Dictionary, boolean>();
  return (dictionary) => {
    const holds = searched.get(dictionary) ?? tensorsOf(dictionary).size > 0;
    searched.set(dictionary, holds);
    return holds;
  };
}

function tensorsOf(dictionary: Dictionary): Map<string, TensorReference> {
  const tensors = new Map<string, TensorReference>();
  for (const [name, value] of dictionary) if (typeof name === 'string' && isTensor(value)) tensors.set(name, value);
  return tensors;
}

function describe(dictionary: Dictionary): string {
  const keys = [...dictionary.keys()].slice(0, MOST_SHOWN).map((key) => `"${shown(String(key))}"`);
  const more = dictionary.size > keys.length ? ` and ${dictionary.size - keys.length} more` : '';
  return keys.length === 0
    ? 'an empty dictionary'
    : `a dictionary without tensors (its keys: ${keys.join(', ')}${more})`;
}

/**
 * Without what wrappers put into names: `module.` of DataParallel before all of them, `_orig_mod.` of torch.compile anywhere.
 * @throws AppError CHECKPOINT_INVALID if two tensors then have one name
 */
export function cleanNames<T>(tensors: ReadonlyMap<string, T>, refuse: Refusals): Map<string, T> {
  let names = [...tensors.keys()].map((name) => name.replaceAll(/(?<=^|\.)_orig_mod\./g, ''));
  while (names.length > 0 && names.every((name) => name.startsWith('module.')))
    names = names.map((name) => name.slice('module.'.length));
  const cleaned = new Map([...tensors.values()].map((tensor, i) => [names[i] as string, tensor]));
  if (cleaned.size === tensors.size) return cleaned;
  throw refuse.invalid('two of its tensors have the same name, but for "_orig_mod."');
}
