import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStepProgress } from '#kaiyan/cli/progress.js';

test('where there is no terminal, work in steps tells how far it is once a minute', {
  skip: process.stderr.isTTY,
}, (t) => {
  let now = 0;
  const lines: unknown[] = [];
  t.mock.method(performance, 'now', () => now);
  t.mock.method(process.stderr, 'write', (line: unknown) => lines.push(line));
  const progress = createStepProgress();
  for (let second = 0; second <= 150; second++) {
    now = second * 1000;
    progress.show(second < 100 ? 'reading' : 'embedding', second, 150);
  }
  progress.hide();
  t.mock.restoreAll();
  assert.deepEqual(lines, ['reading · 60/150\n', 'embedding · 120/150\n']);
});
