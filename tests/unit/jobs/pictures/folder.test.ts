import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { createFolderPictures } from '#kaiyan/jobs/pictures/folder.js';
import { appError } from '../../../support/errors.js';
import { smallDisk, temporaryFolder } from '../../../support/folders.js';
import { sha256 } from '../../../support/goldens.js';
import { withoutMounts } from '../../../support/requirements.js';
import { keep, pictureStoreContract } from './contract.js';

const listed = async (folder: string) => (await readdir(folder, { recursive: true })).sort();

async function opened(t: TestContext) {
  const folder = path.join(await temporaryFolder(t), 'new', 'pictures');
  return { folder, pictures: createFolderPictures({ folder }) };
}

describe('pictures in a folder', () => {
  pictureStoreContract(async (t) => (await opened(t)).pictures);

  test('lie under their job and their hash, and their thumbnails beside them', async (t) => {
    const { folder, pictures } = await opened(t);
    const bytes = randomBytes(1000);
    const hash = sha256(bytes);
    await keep(pictures, 'mine', bytes);
    await pictures.keepThumbnail('mine', hash, bytes.subarray(0, 10));
    assert.deepEqual(await listed(folder), ['mine', `mine/${hash}`, 'mine/thumbnails', `mine/thumbnails/${hash}.jpg`]);
    assert.ok(bytes.equals(await readFile(path.join(folder, 'mine', hash))));
  });

  test('are seen when they are complete, and not before', async (t) => {
    const { folder, pictures } = await opened(t);
    const bytes = randomBytes(1000);
    const draft = pictures.receive('mine');
    await draft.write(bytes);
    assert.deepEqual(
      (await listed(path.join(folder, 'mine'))).map((name) => name[0]),
      ['.'],
    );
    await draft.finish();
    assert.deepEqual(await listed(path.join(folder, 'mine')), [sha256(bytes)]);
    const discarded = pictures.receive('mine');
    await discarded.write(randomBytes(10));
    await discarded.discard();
    await keep(pictures, 'mine', bytes);
    assert.deepEqual(await listed(path.join(folder, 'mine')), [sha256(bytes)], 'no draft is left');
  });

  test('of a job that was removed while one arrived do not come back', async (t) => {
    const { pictures } = await opened(t);
    const draft = pictures.receive('mine');
    await draft.write(randomBytes(10));
    await pictures.removeJob('mine');
    await assert.rejects(draft.finish(), appError('JOB_NOT_FOUND', 'mine'));
    assert.deepEqual(await pictures.jobs(), []);
  });

  test('a removed job leaves no draft of a sender that vanished', async (t) => {
    const { folder, pictures } = await opened(t);
    const draft = pictures.receive('mine');
    await draft.write(randomBytes(10));
    await createFolderPictures({ folder }).removeJob('mine');
    assert.deepEqual(await listed(folder), []);
    await draft.discard();
  });

  test('are found by another process', async (t) => {
    const { folder, pictures } = await opened(t);
    const { sha256: hash } = await keep(pictures, 'mine', randomBytes(10));
    const other = createFolderPictures({ folder });
    assert.deepEqual(await other.jobs(), ['mine']);
    assert.equal((await other.read('mine', hash)).length, 10);
  });

  test('what else is in the folder is no job', async (t) => {
    const { folder, pictures } = await opened(t);
    await keep(pictures, 'mine', randomBytes(10));
    await mkdir(path.join(folder, 'lost+found'));
    await writeFile(path.join(folder, 'notes'), '');
    assert.deepEqual(await pictures.jobs(), ['mine']);
  });

  test('what a power cut left of a thumbnail is none', async (t) => {
    const { folder, pictures } = await opened(t);
    const hash = sha256(randomBytes(10));
    await pictures.keepThumbnail('mine', hash, randomBytes(10));
    await writeFile(path.join(folder, 'mine/thumbnails', `${hash}.jpg`), '');
    assert.equal(await pictures.thumbnail('mine', hash), undefined);
  });

  test('ten thousand tiny ones, several at once, take seconds and not minutes', { timeout: 120_000 }, async (t) => {
    const { folder, pictures } = await opened(t);
    let next = 0;
    const sender = async () => {
      while (next < 10_000) await keep(pictures, 'mine', Buffer.from(`picture ${next++}`));
    };
    await Promise.all(Array.from({ length: 32 }, sender));
    assert.equal((await readdir(path.join(folder, 'mine'))).length, 10_000);
  });

  test('a full disk is said with the folder and the room, and the draft makes room for others', {
    skip: withoutMounts(),
  }, async (t) => {
    const disk = await smallDisk(t, 2);
    const pictures = createFolderPictures({ folder: path.join(disk, 'pictures') });
    const draft = pictures.receive('mine');
    const sent = (async () => {
      for (let sending = 0; sending < 40; sending++) await draft.write(randomBytes(100_000));
    })();
    await assert.rejects(sent, appError('DISK_FULL', path.join(disk, 'pictures'), '2.1 MB more', 'only 2.1 MB'));
    await assert.rejects(draft.finish());
    await draft.discard();
    assert.deepEqual(await readdir(path.join(disk, 'pictures/mine')), []);
    const { sha256: hash } = await keep(pictures, 'mine', randomBytes(1_900_000));
    await assert.rejects(
      pictures.keepThumbnail('mine', hash, randomBytes(300_000)),
      appError('DISK_FULL', '0.3 MB more', 'only 0.2 MB'),
    );
    assert.deepEqual((await readdir(path.join(disk, 'pictures/mine'))).sort(), [hash, 'thumbnails']);
  });

  test('a folder that cannot be written is said, with what to do', async (t) => {
    const file = path.join(await temporaryFolder(t), 'file');
    await writeFile(file, '');
    for (const folder of [path.join(file, 'pictures'), '/proc/kaiyan']) {
      const pictures = createFolderPictures({ folder });
      await assert.rejects(
        pictures.receive('mine').write(randomBytes(10)),
        appError('DATA_UNWRITABLE', folder, '--home'),
      );
    }
  });

  test('errors name the folder and no picture', async (t) => {
    const { folder, pictures } = await opened(t);
    const hash = sha256(randomBytes(10));
    await assert.rejects(pictures.read('mine', hash), (error: Error) => {
      assert.ok(!error.message.includes(hash));
      return appError('FILE_UNREADABLE', path.join(folder, 'mine'), 'ENOENT')(error);
    });
  });
});
