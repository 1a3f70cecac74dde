import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import os from 'node:os';
import { describe, test } from 'node:test';
import { serviceFor } from '../../support/service.js';
import { until } from '../../support/timing.js';

describe('a service with a model', { skip: existsSync('/proc/self/task') ? false : 'needs Linux' }, () => {
  test('lets the thread that takes requests go before those that compute', async (t) => {
    const before = os.getPriority();
    await serviceFor(t);
    const others = async () =>
      (await readdir('/proc/self/task')).map(Number).filter((thread) => thread !== process.pid);
    await until('nicer threads', async () => {
      const niceness = (await others()).map((thread) => os.getPriority(thread));
      return niceness.filter((value) => value > before).length >= niceness.length / 2;
    });
    assert.equal(os.getPriority(process.pid), before);
  });
});
