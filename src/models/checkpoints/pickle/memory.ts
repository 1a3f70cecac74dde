/** The stack, the marks on it and the memo of a pickle, with a bound on each. */
import type { Reading } from '../refusals.js';
import type { Value } from './values.js';

export interface Memory {
  readonly push: (value: Value) => void;
  /** For all that takes more memory than its instruction. */
  readonly pushContainer: (value: Value) => void;
  /** Counts work that takes as much as making so many containers. */
  readonly spend: (containers: number) => void;
  readonly pop: () => Value;
  readonly top: () => Value;
  readonly mark: () => void;
  /** The values since the last mark, and the mark is gone. */
  readonly popMarked: () => Value[];
  readonly put: (index: number) => void;
  /** Under the next free index. */
  readonly memoize: () => void;
  readonly get: (index: number) => void;
}

/** Every function throws CHECKPOINT_TOO_LARGE above a limit, and CHECKPOINT_INVALID for what is not there. */
export function createMemory({ limits, refuse }: Reading): Memory {
  const stack: Value[] = [];
  const marks: number[] = [];
  const memo = new Map<number, Value>();
  let containers = 0;

  function push(value: Value): void {
    requireRoom(stack.length, limits.stack, 'values on the stack of its pickle');
    stack.push(value);
  }

  function pushContainer(value: Value): void {
    spend(1);
    push(value);
  }

  function spend(count: number): void {
    requireRoom(containers, limits.containers, 'containers in its pickle');
    containers += count;
  }

  function pop(): Value {
    const value = stack.length > (marks.at(-1) ?? 0) ? stack.pop() : undefined;
    if (value === undefined) throw refuse.invalid('its pickle takes a value that is not there');
    return value;
  }

  function top(): Value {
    const value = pop();
    stack.push(value);
    return value;
  }

  function mark(): void {
    requireRoom(marks.length, limits.stack, 'marks in its pickle');
    marks.push(stack.length);
  }

  function popMarked(): Value[] {
    const start = marks.pop();
    if (start === undefined) throw refuse.invalid('its pickle goes back to a mark that is not there');
    return stack.splice(start);
  }

  function put(index: number): void {
    if (!memo.has(index)) requireRoom(memo.size, limits.memo, 'values that its pickle keeps');
    memo.set(index, top());
  }

  function get(index: number): void {
    const value = memo.get(index);
    if (value === undefined) throw refuse.invalid('its pickle uses a value again that it has not kept');
    push(value);
  }

  function requireRoom(held: number, limit: number, what: string): void {
    if (held >= limit) throw refuse.tooLarge(`more than ${limit}`, `${limit} ${what}`);
  }

  return { push, pushContainer, spend, pop, top, mark, popMarked, put, memoize: () => put(memo.size), get };
}
