import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { isFolder, makeFolder, outputUnwritable } from '#kaiyan/folders.js';
import { appError, rejectionOf } from '../support/errors.js';
import { temporaryFolder } from '../support/folders.js';

describe('what keeps results from being written', () => {
  const attempts: readonly (readonly [file: string, flag: string, code: string, remedy: string])[] = [
    ['none/a.csv', 'wx', 'ENOENT', 'Make that folder first'],
    ['file/a.csv', 'wx', 'ENOTDIR', 'a file where a folder is needed'],
    ['file', 'wx', 'EEXIST', 'Name another file'],
    ['folder', 'w', 'EISDIR', 'Name a file in that folder'],
    ...(process.platform === 'linux' ? ([['/dev/full', 'w', 'ENOSPC', 'Make room']] as const) : []),
  ];
  for (const [file, flag, code, remedy] of attempts)
    test(`is told with what helps: ${code}`, async (t) => {
      const folder = await temporaryFolder(t);
      await writeFile(path.join(folder, 'file'), '');
      await makeFolder(path.join(folder, 'folder'));
      const error = await rejectionOf(writeFile(path.resolve(folder, file), 'results', { flag }));
      appError('OUTPUT_UNWRITABLE', code, remedy)(outputUnwritable(error as Error));
    });

  test('is told with what helps: a permission', async (t) => {
    const closed = path.join(await temporaryFolder(t), 'closed');
    await makeFolder(closed);
    await chmod(closed, 0o500);
    // Root may write everywhere but into what the system itself keeps.
    const file = process.getuid?.() === 0 ? '/sys/kaiyan' : path.join(closed, 'a.csv');
    const error = await rejectionOf(writeFile(file, 'results'));
    const { message } = outputUnwritable(error as Error, 'answers.csv');
    assert.match(message, /answers\.csv: E(ACCES|PERM|ROFS): .*Check the permissions there/);
    assert.doesNotMatch(message, /room/i);
  });
});

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
