import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTurns } from '#page/pages/models/turns.js';

test('what is asked for is done one after another, also after something failed, and not if it was given up', async () => {
  const inTurn = createTurns();
  const { signal } = new AbortController();
  const done: string[] = [];
  const work = (name: string) => async () => {
    done.push(`${name} begins`);
    await new Promise((resolve) => setImmediate(resolve));
    done.push(`${name} ends`);
    return name;
  };
  const givenUp = new AbortController();
  const failing = inTurn(() => Promise.reject(new Error('no')), signal);
  const first = inTurn(work('first'), signal);
  const second = inTurn(work('second'), givenUp.signal);
  const third = inTurn(work('third'), signal);
  givenUp.abort();
  await assert.rejects(failing, /no/);
  await assert.rejects(second, { name: 'AbortError' });
  assert.deepEqual([await first, await third], ['first', 'third']);
  assert.deepEqual(done, ['first begins', 'first ends', 'third begins', 'third ends']);
});
