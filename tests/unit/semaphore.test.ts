import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createSemaphore } from '#kaiyan/semaphore.js';
import { isSettled } from '../support/timing.js';

describe('semaphore', () => {
  test('grants what fits at once and makes the rest wait', async () => {
    const semaphore = createSemaphore(3);
    const giveBack = await semaphore.acquire(2);
    const second = semaphore.acquire(2);
    assert.equal(await isSettled(second), false);
    giveBack();
    (await second)();
  });

  test('serves in the order of arrival, even when a later, smaller one would fit', async () => {
    const semaphore = createSemaphore(3);
    const order: string[] = [];
    const first = await semaphore.acquire(2);
    const large = semaphore.acquire(3).then((giveBack) => {
      order.push('large');
      giveBack();
    });
    const small = semaphore.acquire(1).then((giveBack) => {
      order.push('small');
      giveBack();
    });
    assert.equal(await isSettled(small), false, 'the small one does not overtake');
    first();
    await Promise.all([large, small]);
    assert.deepEqual(order, ['large', 'small']);
  });

  test('a weight over the capacity waits for all of it, and is granted', async () => {
    const semaphore = createSemaphore(3);
    const one = await semaphore.acquire(1);
    const huge = semaphore.acquire(100);
    assert.equal(await isSettled(huge), false);
    one();
    const giveBack = await huge;
    const next = semaphore.acquire(1);
    assert.equal(await isSettled(next), false);
    giveBack();
    await next;
  });

  test('gives back once, however often it is told to', async () => {
    const semaphore = createSemaphore(1);
    const giveBack = await semaphore.acquire(1);
    giveBack();
    giveBack();
    await semaphore.acquire(1);
    assert.equal(await isSettled(semaphore.acquire(1)), false);
  });

  test('an aborted wait rejects with the reason and lets those behind it through', async () => {
    const semaphore = createSemaphore(2);
    const giveBack = await semaphore.acquire(1);
    const controller = new AbortController();
    const large = semaphore.acquire(2, controller.signal);
    const behind = semaphore.acquire(1);
    assert.equal(await isSettled(behind), false);
    const reason = new Error('no longer wanted');
    controller.abort(reason);
    await assert.rejects(large, reason);
    (await behind)();
    giveBack();
    (await semaphore.acquire(2))();
  });

  test('a signal that was aborted before takes nothing', async () => {
    const semaphore = createSemaphore(1);
    const reason = new Error('too late');
    await assert.rejects(semaphore.acquire(1, AbortSignal.abort(reason)), reason);
    await semaphore.acquire(1);
  });

  test('an abort after the grant changes nothing', async () => {
    const semaphore = createSemaphore(1);
    const first = await semaphore.acquire(1);
    const controller = new AbortController();
    const second = semaphore.acquire(1, controller.signal);
    first();
    const giveBack = await second;
    controller.abort();
    assert.equal(await isSettled(semaphore.acquire(1)), false, 'it is still held');
    giveBack();
  });
});
