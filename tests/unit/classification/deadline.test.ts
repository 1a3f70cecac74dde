import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startDeadline } from '#kaiyan/classification/deadline.js';
import { appError } from '../../support/errors.js';

describe('a deadline', () => {
  test('aborts with DEADLINE_EXCEEDED when its time is over', async () => {
    const { signal } = startDeadline(20);
    await sleep(60);
    appError('DEADLINE_EXCEEDED', '20 ms')(signal.reason);
  });

  test('aborts with ABORTED, and the reason of the caller, when the caller gives up', () => {
    const caller = new AbortController();
    const { signal, clear } = startDeadline(10_000, caller.signal);
    const reason = new Error('closed the window');
    caller.abort(reason);
    appError('ABORTED')(signal.reason);
    assert.equal((signal.reason as Error).cause, reason);
    clear();
  });

  test('has passed already for a caller who gave up before', () => {
    const { signal, clear } = startDeadline(10_000, AbortSignal.abort());
    appError('ABORTED')(signal.reason);
    clear();
  });

  test('does nothing once it is cleared', async () => {
    const caller = new AbortController();
    const { signal, clear } = startDeadline(20, caller.signal);
    clear();
    caller.abort();
    await sleep(50);
    assert.equal(signal.aborted, false);
  });

  for (const ms of [2 ** 31, 1e12, Number.POSITIVE_INFINITY]) {
    test(`of ${ms} ms is far away, not now`, async () => {
      const { signal, clear } = startDeadline(ms);
      await sleep(30);
      clear();
      assert.equal(signal.aborted, false);
    });
  }
});
