/**
 * A machine for pickles that can build plain values and references to tensors, and nothing else. It calls nothing, imports nothing
 * and has no way to: a name that the pickle asks for is compared with a list, and what it is called with is data.
 */
import { AppError } from '../../../errors.js';
import { type Reading, shown } from '../refusals.js';
import { builderOf, type Judgement, judgeGlobal } from './globals.js';
import { createMemory } from './memory.js';
import { createInstructionReader, type Instruction } from './opcodes.js';
import { fromPersistentId } from './rebuild.js';
import {
  isGlobal,
  isOpaque,
  isStorage,
  isTensor,
  kindOf,
  opaque,
  type StorageReference,
  type Value,
} from './values.js';

export interface Unpickled {
  readonly value: Value;
  /** The storages that the pickle names, by their keys. */
  readonly storages: ReadonlyMap<string, StorageReference>;
  /** Where the pickle ends in `bytes`. */
  readonly end: number;
}

/**
 * Reads the pickle that begins at `from`. All its instructions are looked through for names before the first is followed.
 * @throws AppError CHECKPOINT_UNSAFE, CHECKPOINT_NOT_A_STATE_DICT, CHECKPOINT_INVALID, CHECKPOINT_TOO_LARGE
 */
export function unpickle(bytes: Buffer, from: number, reading: Reading): Unpickled {
  const machine = createMachine(reading);
  findNames(bytes, from, reading, machine.judge);
  try {
    const reader = createInstructionReader(bytes, from, reading);
    for (let instruction = reader.next(); instruction.name !== 'STOP'; instruction = reader.next())
      machine.follow(instruction);
    return { ...machine.finish(), end: reader.position() };
  } catch (error) {
    // What is wrong with it may come from what it should not hold at all.
    if (error instanceof AppError && error.code !== 'CHECKPOINT_UNSAFE') throw machine.refusal() ?? error;
    throw error;
  }
}

/** Judges the names that are written out in the pickle; those put together on the stack are judged when they are. */
function findNames(bytes: Buffer, from: number, reading: Reading, judge: (name: string) => void): void {
  const reader = createInstructionReader(bytes, from, reading);
  for (let { name, argument } = reader.next(); name !== 'STOP'; { name, argument } = reader.next())
    if ((name === 'GLOBAL' || name === 'INST') && typeof argument === 'string') judge(argument);
}

interface Machine {
  /** @throws AppError CHECKPOINT_UNSAFE */
  readonly judge: (name: string) => Judgement;
  readonly follow: (instruction: Instruction) => void;
  readonly finish: () => Omit<Unpickled, 'end'>;
  /** Why this cannot be a state_dict, if that is known. */
  readonly refusal: () => AppError | undefined;
}

function createMachine(reading: Reading): Machine {
  const { refuse } = reading;
  const { push, pushContainer, spend, pop, top, mark, popMarked, put, memoize, get } = createMemory(reading);
  const storages = new Map<string, StorageReference>();
  let known: AppError | undefined;

  function judge(name: string): Judgement {
    const judgement = judgeGlobal(name);
    const words = shown(name.replace(' ', '.'));
    if (judgement.kind === 'unsafe') throw refuse.unsafe(words);
    if (judgement.kind === 'model') known ??= refuse.notStateDict(`a whole pickled model (${words})`);
    if (judgement.kind === 'unsupported') known ??= refuse.unsupported(judgement.what);
    return judgement;
  }

  function tuple(length: number): void {
    const items = Array.from({ length }, pop);
    pushContainer(items.reverse());
  }

  function append(items: readonly Value[]): void {
    const list = top();
    if (isOpaque(list)) return;
    if (!Array.isArray(list)) throw refuse.invalid(`its pickle appends to ${kindOf(list)}`);
    for (const item of items) list.push(item);
  }

  function setItems(items: readonly Value[]): void {
    const dictionary = top();
    if (isOpaque(dictionary)) return;
    if (!(dictionary instanceof Map)) throw refuse.invalid(`its pickle sets entries of ${kindOf(dictionary)}`);
    for (let i = 0; i < items.length; i += 2) {
      const value = items[i + 1];
      if (value === undefined) throw refuse.invalid('its pickle has a key without a value');
      dictionary.set(items[i] as Value, value);
    }
  }

  function pushGlobal(name: string): void {
    const { kind } = judge(name);
    pushContainer(kind === 'allowed' ? { kind: 'global', name } : opaque);
  }

  function stackGlobal(): void {
    const name = pop();
    const module = pop();
    if (typeof name !== 'string' || typeof module !== 'string')
      throw refuse.invalid('its pickle asks for a name that is no text');
    pushGlobal(`${module} ${name}`);
  }

  /** `name(*args)`, for the names that build something; the rest of a whole model is nothing. */
  function reduce(): void {
    const args = pop();
    const callee = pop();
    if (isOpaque(callee)) {
      push(opaque);
      return;
    }
    const build = isGlobal(callee) ? builderOf(callee.name) : undefined;
    if (!build || !Array.isArray(args)) throw refuse.invalid(`its pickle calls ${kindOf(callee)}`);
    // One list of pairs could become any number of dictionaries.
    if (Array.isArray(args[0])) spend(args[0].length);
    pushContainer(build(args, reading));
  }

  /** An object of a class: none can be built, but what a whole model is made of is passed over. */
  function newObject(operands: number): void {
    for (let i = 1; i < operands; i++) pop();
    const type = pop();
    if (!isOpaque(type)) throw refuse.invalid('its pickle makes an object of a class');
    push(opaque);
  }

  /** Attributes of a dictionary (`_metadata` of a state_dict) or of an old parameter say nothing about its elements. */
  function build(): void {
    pop();
    const target = top();
    if (target instanceof Map || isTensor(target) || isOpaque(target)) return;
    throw refuse.invalid(`its pickle sets the state of ${kindOf(target)}`);
  }

  function persistent(): void {
    const value = fromPersistentId(pop(), reading);
    if (isStorage(value)) {
      const same = storages.get(value.key) ?? value;
      if (same.dtype !== value.dtype || same.elements !== value.elements)
        throw refuse.invalid(`it describes its storage ${shown(value.key)} in two ways`);
      storages.set(value.key, value);
    }
    pushContainer(value);
  }

  const constant = (argument: Instruction['argument']) => push(argument ?? opaque);

  /** What Python writes in protocols 2 to 5, and no more. */
  const operations: ReadonlyMap<string, (argument: Instruction['argument']) => void> = new Map([
    ['PROTO', () => {}],
    ['FRAME', () => {}],
    ['MARK', mark],
    ['POP', () => void pop()],
    ['POP_MARK', () => void popMarked()],
    ['NONE', () => push(null)],
    ['NEWTRUE', () => push(true)],
    ['NEWFALSE', () => push(false)],
    ['BININT', constant],
    ['BININT1', constant],
    ['BININT2', constant],
    ['LONG1', constant],
    ['LONG4', constant],
    ['BINFLOAT', constant],
    ['BINSTRING', constant],
    ['SHORT_BINSTRING', constant],
    ['BINUNICODE', constant],
    ['SHORT_BINUNICODE', constant],
    ['BINUNICODE8', constant],
    ['BINBYTES', constant],
    ['SHORT_BINBYTES', constant],
    ['BINBYTES8', constant],
    ['BYTEARRAY8', constant],
    ['EMPTY_TUPLE', () => pushContainer([])],
    ['TUPLE1', () => tuple(1)],
    ['TUPLE2', () => tuple(2)],
    ['TUPLE3', () => tuple(3)],
    ['TUPLE', () => pushContainer(popMarked())],
    ['EMPTY_LIST', () => pushContainer([])],
    ['APPEND', () => append([pop()])],
    ['APPENDS', () => append(popMarked())],
    ['EMPTY_SET', () => pushContainer([])],
    ['ADDITEMS', () => append(popMarked())],
    ['FROZENSET', () => pushContainer(popMarked())],
    ['EMPTY_DICT', () => pushContainer(new Map())],
    ['SETITEM', () => setItems([pop(), pop()].reverse())],
    ['SETITEMS', () => setItems(popMarked())],
    ['BINPUT', (index) => put(Number(index))],
    ['LONG_BINPUT', (index) => put(Number(index))],
    ['MEMOIZE', memoize],
    ['BINGET', (index) => get(Number(index))],
    ['LONG_BINGET', (index) => get(Number(index))],
    ['GLOBAL', (name) => pushGlobal(String(name))],
    ['STACK_GLOBAL', stackGlobal],
    ['BINPERSID', persistent],
    ['REDUCE', reduce],
    ['NEWOBJ', () => newObject(2)],
    ['NEWOBJ_EX', () => newObject(3)],
    ['BUILD', build],
  ]);

  function follow({ name, argument }: Instruction): void {
    const operation = operations.get(name);
    if (!operation) throw refuse.invalid(`its pickle has the instruction ${name}, which torch.save does not write`);
    operation(argument);
  }

  function finish(): Omit<Unpickled, 'end'> {
    const value = pop();
    if (known) throw known;
    return { value, storages };
  }

  return { judge, follow, finish, refusal: () => known };
}
