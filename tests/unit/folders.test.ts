import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { isFolder, makeFolder } from '#kaiyan/folders.js';
import { temporaryFolder } from '../support/folders.js';

describe('makeFolder', () => {
  test('makes the same one for all who want it at once', async (t) => {
    const folder = await temporaryFolder(t);
    for (let i = 0; i < 200; i++)
      await Promise.all(Array.from({ length: 8 }, () => makeFolder(path.join(folder, `${i}`, 'inside'))));
  });

  test('makes a folder and those above it, and is content with one that is there', async (t) => {
    const folder = path.join(await temporaryFolder(t), 'one/two/three');
    await makeFolder(folder);
    await makeFolder(folder);
    assert.ok(await isFolder(folder));
  });

  test('fails where a file is in the way', async (t) => {
    const file = path.join(await temporaryFolder(t), 'file');
    await writeFile(file, '');
    await assert.rejects(makeFolder(file), { code: 'EEXIST' });
    await assert.rejects(makeFolder(path.join(file, 'inside')), { code: 'ENOTDIR' });
  });

  test('fails, and ends, where no folder can be made', { skip: process.platform !== 'linux' && 'needs /proc' }, () =>
    assert.rejects(makeFolder('/proc/kaiyan/measurements'), { code: 'ENOENT' }),
  );
});
