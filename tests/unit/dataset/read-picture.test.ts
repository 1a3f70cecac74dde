import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { readPicture } from '#kaiyan/dataset/read-picture.js';
import { appError } from '../../support/errors.js';
import { temporaryFolder } from '../../support/folders.js';
import { within } from '../../support/timing.js';

describe('reading a picture', () => {
  test('gives its bytes, if they are not too many', async (t) => {
    const file = path.join(await temporaryFolder(t), 'x.jpg');
    await writeFile(file, 'bytes');
    assert.equal(Buffer.from(await readPicture(file, 5)).toString(), 'bytes');
    await assert.rejects(readPicture(file, 4), appError('IMAGE_TOO_LARGE'));
    await truncate(file, 2 ** 40);
    await assert.rejects(readPicture(file, 20_000_000), appError('IMAGE_TOO_LARGE'), 'a terabyte is not read');
  });

  test('says what is no file', async (t) => {
    const folder = await temporaryFolder(t);
    await assert.rejects(readPicture(path.join(folder, 'x.jpg'), 5), appError('FILE_UNREADABLE', 'ENOENT'));
    await assert.rejects(readPicture(folder, 5), appError('FILE_UNREADABLE', 'not a file'));
  });

  test('does not wait for a pipe', { skip: process.platform === 'win32' && 'needs mkfifo' }, async (t) => {
    const pipe = path.join(await temporaryFolder(t), 'x.jpg');
    execFileSync('mkfifo', [pipe]);
    await assert.rejects(within(5000, 'an answer', readPicture(pipe, 5)), appError('FILE_UNREADABLE', pipe));
  });
});
