import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { settingsWith } from '#kaiyan/config.js';
import { canKeepJobs } from '#kaiyan/jobs/open.js';
import { temporaryFolder } from '../../support/folders.js';

describe('jobs can be kept', () => {
  test('in a folder that is there or can be made, and not under a file', async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(path.join(folder, 'file'), '');
    const keeps = (home: string, more: object = {}) => canKeepJobs(settingsWith({ home, ...more }));
    assert.equal(await keeps(folder), true);
    assert.equal(await keeps(path.join(folder, 'a/b/c')), true);
    assert.equal(await keeps(path.join(folder, 'file')), false);
    assert.equal(await keeps(path.join(folder, 'file/a/b')), false);
    assert.equal(await keeps(folder, { jobPictures: path.join(folder, 'file') }), false);
    const shared = { queue: 'redis://localhost:6379', jobPictures: folder };
    assert.equal(await keeps(path.join(folder, 'file'), shared), true, 'nothing of jobs is in the data directory');
  });
});
