import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { mapInOrder } from '#kaiyan/map-in-order.js';
import { within } from '../support/timing.js';

async function* upTo(count: number): AsyncGenerator<number> {
  for (let i = 0; i < count; i++) yield i;
}

const never = new AbortController().signal;

async function collect<T>(results: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const result of results) all.push(result);
  return all;
}

/** Work that ends when told, in any order. */
function heldWork() {
  const ends = new Map<number, () => void>();
  let most = 0;
  const work = (item: number) =>
    new Promise<number>((resolve) => {
      ends.set(item, () => {
        ends.delete(item);
        resolve(item);
      });
      most = Math.max(most, ends.size);
    });
  return { work, end: (item: number) => ends.get(item)?.(), inWork: () => [...ends.keys()], most: () => most };
}

describe('mapInOrder', () => {
  test('yields in the order of the items, whatever is done first', async () => {
    const work = async (item: number) => {
      await sleep(item % 3 === 0 ? 5 : 0);
      return item;
    };
    assert.deepEqual(await collect(mapInOrder(upTo(100), 4, work, never)), [...Array(100).keys()]);
  });

  test('keeps all hands busy while one item takes long, but not for ever', async () => {
    const held = heldWork();
    const results = mapInOrder(upTo(1000), 2, held.work, never);
    const first = results.next();
    for (let i = 1; i < 1000; i++) {
      await sleep(0);
      held.end(i);
    }
    await sleep(10);
    assert.deepEqual(held.inWork(), [0], 'nothing more is begun');
    assert.equal(held.most(), 2);
    held.end(0);
    assert.deepEqual(await first, { done: false, value: 0 });
    await results.return(undefined);
  });

  test('yields a result although the next item has not come yet', async () => {
    async function* slow(): AsyncGenerator<number> {
      yield 1;
      await new Promise(() => undefined);
    }
    const results = mapInOrder(slow(), 4, async (item) => item, never);
    assert.deepEqual(await within(10_000, 'the result', results.next()), { done: false, value: 1 });
  });

  test('yields what was in work when it is aborted, and begins nothing more', async () => {
    const controller = new AbortController();
    const held = heldWork();
    const results = collect(mapInOrder(upTo(1000), 3, held.work, controller.signal));
    await sleep(10);
    const inWork = held.inWork();
    controller.abort();
    for (const item of inWork) held.end(item);
    assert.deepEqual(await within(10_000, 'the end', results), [0, 1, 2]);
  });

  test('yields what was in work when the items fail, and fails then', async () => {
    async function* failing(): AsyncGenerator<number> {
      yield 0;
      yield 1;
      throw new Error('no more');
    }
    const seen: number[] = [];
    await assert.rejects(async () => {
      for await (const result of mapInOrder(failing(), 4, async (item) => sleep(5, item), never)) seen.push(result);
    }, /no more/);
    assert.deepEqual(seen, [0, 1]);
  });

  test('ends the items when nobody wants more', async () => {
    let ended = false;
    async function* items(): AsyncGenerator<number> {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        ended = true;
      }
    }
    for await (const _ of mapInOrder(items(), 2, async (item) => item, never)) break;
    assert.ok(ended);
  });
});
