import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { saturate } from '#kaiyan/benchmark/saturate.js';

const { signal } = new AbortController();

describe('saturate', () => {
  test('keeps exactly so many items in work, and times whole passes over them', async () => {
    let inWork = 0;
    let most = 0;
    const { results, msPerItem } = await saturate({
      ...{ items: ['a', 'b', 'c'], inWork: 4, durationMs: 40, signal },
      work: async (item) => {
        most = Math.max(most, ++inWork);
        await sleep(5);
        inWork -= 1;
        return item;
      },
    });
    assert.equal(most, 4);
    assert.equal(inWork, 0);
    const counts = ['a', 'b', 'c'].map((item) => results.filter((result) => result === item).length);
    assert.equal(new Set(counts).size, 1, `each item equally often, not ${counts}`);
    assert.ok(msPerItem > 0.5 && msPerItem < 50, `${msPerItem} ms`);
  });

  test('works on every item once, however short the time is', async () => {
    const { results } = await saturate({
      items: [1, 2, 3, 4, 5],
      inWork: 1,
      durationMs: 0,
      signal,
      work: async (n) => n,
    });
    assert.deepEqual([...results].sort(), [1, 2, 3, 4, 5]);
  });

  test('times the middle of the load, not how it begins', async () => {
    let calls = 0;
    const { msPerItem } = await saturate({
      ...{ items: [0], inWork: 2, durationMs: 50, signal },
      work: () => sleep(calls++ < 2 ? 300 : 2),
    });
    assert.ok(msPerItem < 100, `${msPerItem} ms although only the first two take 300 ms`);
  });

  test('is told how much CPU time an item took', async () => {
    const burn = (ms: number) => {
      const until = performance.now() + ms;
      while (performance.now() < until);
    };
    const { cpuMsPerItem } = await saturate({
      ...{ items: [0], inWork: 1, durationMs: 50, signal },
      work: async () => burn(5),
    });
    assert.ok(cpuMsPerItem > 0 && cpuMsPerItem < 50, `${cpuMsPerItem} ms`);
  });

  test('ends with the reason of an aborted signal, after what was in work', async () => {
    const controller = new AbortController();
    let inWork = 0;
    const load = saturate({
      ...{ items: [0], inWork: 3, durationMs: 60_000, signal: controller.signal },
      work: async () => {
        inWork += 1;
        await sleep(20);
        inWork -= 1;
      },
    });
    setTimeout(() => controller.abort(new Error('enough')), 30);
    await assert.rejects(load, { message: 'enough' });
    assert.equal(inWork, 0);
  });

  test('rejects with what the work threw, after what was in work', async () => {
    let inWork = 0;
    const load = saturate({
      ...{ items: [0, 1, 2], inWork: 3, durationMs: 10, signal },
      work: async (item) => {
        if (item === 0) throw new Error('no picture');
        inWork += 1;
        await sleep(20);
        inWork -= 1;
      },
    });
    await assert.rejects(load, { message: 'no picture' });
    assert.equal(inWork, 0);
  });
});
