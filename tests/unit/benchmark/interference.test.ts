import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { observe, quieterHalf } from '#kaiyan/benchmark/interference.js';

describe('interference', () => {
  test('another program that computes is seen, and this process is not counted as one', async () => {
    const busy = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
    try {
      await once(busy, 'spawn');
      await sleep(100);
      const { figures, othersShare } = await observe(async () => {
        await sleep(1000);
        return 'done';
      });
      assert.equal(figures, 'done');
      assert.ok(othersShare > 0 && othersShare <= 1, `${othersShare}`);
    } finally {
      busy.kill();
      await once(busy, 'exit');
    }
  });

  test('the quieter half of the rounds is kept, in their order', () => {
    const rounds = [0.5, 0.1, 0.9, 0, 0.3].map((othersShare, figures) => ({ figures, othersShare }));
    assert.deepEqual(
      quieterHalf(rounds).map(({ figures }) => figures),
      [1, 3, 4],
    );
  });
});
