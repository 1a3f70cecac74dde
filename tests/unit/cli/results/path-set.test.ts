import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPathSet } from '#kaiyan/cli/results/path-set.js';

const COUNT = 200_000;
const name = (i: number) => `photos/2024/holidays/IMG_${String(i).padStart(7, '0')}.jpg`;

test('a set of paths has what was added, and nothing else', () => {
  const set = createPathSet();
  for (let i = 0; i < COUNT; i++) assert.ok(set.add(name(i)));
  for (let i = 0; i < COUNT; i++) assert.ok(set.has(name(i)) && !set.has(`${name(i)}.xmp`));
  for (let i = 0; i < COUNT; i += 7) assert.equal(set.add(name(i)), false);
});

test('a set of paths takes little memory, however long they are', () => {
  const before = process.memoryUsage().arrayBuffers;
  const set = createPathSet();
  for (let i = 0; i < COUNT; i++) set.add(`${'deep/'.repeat(20)}${name(i)}`);
  const bytesPerPath = (process.memoryUsage().arrayBuffers - before) / COUNT;
  assert.ok(bytesPerPath < 40, `${bytesPerPath} bytes a path`);
  assert.ok(set.has(`${'deep/'.repeat(20)}${name(1)}`));
});
