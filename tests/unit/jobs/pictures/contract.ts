/** What every place for the pictures of jobs has to do, whether it is a folder or a bucket. */
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import type { PictureStore } from '#kaiyan/jobs/pictures/store.js';
import { appError } from '../../../support/errors.js';
import { sha256 } from '../../../support/goldens.js';

const MEBIBYTE = 2 ** 20;

/** Sends a picture in chunks, and has it kept. */
export async function keep(pictures: PictureStore, job: string, bytes: Uint8Array, chunk = 65_536) {
  const draft = pictures.receive(job);
  for (let at = 0; at < bytes.length; at += chunk) await draft.write(bytes.subarray(at, at + chunk));
  return draft.finish();
}

export function pictureStoreContract(open: (t: TestContext) => Promise<PictureStore>): void {
  const job = () => `job-${randomUUID()}`;

  test('gives back what it received, under its hash', async (t) => {
    const pictures = await open(t);
    const mine = job();
    for (const bytes of [randomBytes(3 * MEBIBYTE + 1), randomBytes(1), Buffer.alloc(0)]) {
      assert.deepEqual(await keep(pictures, mine, bytes), { sha256: sha256(bytes), bytes: bytes.length });
      assert.ok(bytes.equals(await pictures.read(mine, sha256(bytes))));
    }
  });

  test('the caller may use the memory of a chunk again when it has been written', async (t) => {
    const pictures = await open(t);
    const draft = pictures.receive('again');
    const chunk = Buffer.alloc(1000);
    for (const value of [1, 2, 3]) await draft.write(chunk.fill(value));
    const expected = Buffer.concat([1, 2, 3].map((value) => Buffer.alloc(1000, value)));
    const kept = await draft.finish();
    assert.equal(kept.sha256, sha256(expected));
    assert.ok(expected.equals(await pictures.read('again', kept.sha256)));
  });

  test('keeps equal pictures of a job once, and those of other jobs apart', async (t) => {
    const pictures = await open(t);
    const [mine, other] = [job(), job()];
    const bytes = randomBytes(1000);
    const kept = await Promise.all([mine, mine, other, mine].map((each) => keep(pictures, each, bytes)));
    assert.deepEqual(new Set(kept.map((each) => each.sha256)), new Set([sha256(bytes)]));
    await keep(pictures, mine, bytes);
    await pictures.remove(mine, sha256(bytes));
    await assert.rejects(pictures.read(mine, sha256(bytes)), appError('FILE_UNREADABLE'));
    assert.ok(bytes.equals(await pictures.read(other, sha256(bytes))));
  });

  test('pictures that are received at once do not mix', async (t) => {
    const pictures = await open(t);
    const mine = job();
    const sent = Array.from({ length: 20 }, (_, index) => randomBytes(10_000 + index));
    await Promise.all(sent.map((bytes) => keep(pictures, mine, bytes, 777)));
    for (const bytes of sent) assert.ok(bytes.equals(await pictures.read(mine, sha256(bytes))));
  });

  test('what is discarded was never there', async (t) => {
    const pictures = await open(t);
    const mine = job();
    const bytes = randomBytes(1000);
    const draft = pictures.receive(mine);
    const written = draft.write(bytes);
    await draft.discard();
    await written;
    await draft.discard();
    await pictures.receive(mine).discard();
    await assert.rejects(pictures.read(mine, sha256(bytes)), appError('FILE_UNREADABLE'));
  });

  test('to discard a draft that was finished changes nothing', async (t) => {
    const pictures = await open(t);
    const mine = job();
    const draft = pictures.receive(mine);
    await draft.write(randomBytes(1000));
    const kept = await draft.finish();
    await draft.discard();
    assert.equal((await pictures.read(mine, kept.sha256)).length, 1000);
  });

  test('a picture that is missing is no reason not to remove it', async (t) => {
    const pictures = await open(t);
    const bytes = randomBytes(10);
    await pictures.remove(job(), sha256(bytes));
    const mine = job();
    await keep(pictures, mine, bytes);
    await pictures.remove(mine, sha256(bytes));
    await pictures.remove(mine, sha256(bytes));
    await pictures.removeJob(job());
  });

  test('keeps a thumbnail beside the picture, and longer than that', async (t) => {
    const pictures = await open(t);
    const mine = job();
    const [bytes, jpeg] = [randomBytes(1000), randomBytes(100)];
    await keep(pictures, mine, bytes);
    assert.equal(await pictures.thumbnail(mine, sha256(bytes)), undefined);
    await pictures.keepThumbnail(mine, sha256(bytes), randomBytes(70));
    await pictures.keepThumbnail(mine, sha256(bytes), jpeg);
    await pictures.remove(mine, sha256(bytes));
    assert.ok(jpeg.equals((await pictures.thumbnail(mine, sha256(bytes))) ?? Buffer.alloc(0)));
  });

  test('a job of which nothing was received may have thumbnails', async (t) => {
    const pictures = await open(t);
    const mine = job();
    const hash = sha256(randomBytes(10));
    assert.equal(await pictures.thumbnail(mine, hash), undefined);
    await pictures.keepThumbnail(mine, hash, randomBytes(100));
    assert.equal((await pictures.thumbnail(mine, hash))?.length, 100);
    assert.deepEqual(await pictures.jobs(), [mine]);
  });

  test('removes all of a job, and of that one only', async (t) => {
    const pictures = await open(t);
    const mine = job();
    const other = `${mine}-2`;
    assert.deepEqual(await pictures.jobs(), []);
    const bytes = randomBytes(1000);
    for (const each of [mine, other]) {
      await keep(pictures, each, bytes);
      await pictures.keepThumbnail(each, sha256(bytes), randomBytes(100));
    }
    assert.deepEqual((await pictures.jobs()).sort(), [mine, other]);
    await pictures.removeJob(mine);
    assert.deepEqual(await pictures.jobs(), [other]);
    await assert.rejects(pictures.read(mine, sha256(bytes)), appError('FILE_UNREADABLE'));
    assert.equal(await pictures.thumbnail(mine, sha256(bytes)), undefined);
    assert.ok(bytes.equals(await pictures.read(other, sha256(bytes))));
    assert.equal((await pictures.thumbnail(other, sha256(bytes)))?.length, 100);
  });

  test('no job and no hash becomes a path to somewhere else', async (t) => {
    const pictures = await open(t);
    const hash = sha256(randomBytes(10));
    for (const name of ['..', '.', '', '../other', '/etc', 'a/b', 'a\\b', 'a\0', 'a.b', 'x'.repeat(101), 'ü']) {
      const refused = appError('JOB_NOT_FOUND');
      assert.throws(() => pictures.receive(name), refused);
      await assert.rejects(pictures.read(name, hash), refused);
      await assert.rejects(pictures.remove(name, hash), refused);
      await assert.rejects(pictures.keepThumbnail(name, hash, Buffer.alloc(1)), refused);
      await assert.rejects(pictures.thumbnail(name, hash), refused);
      await assert.rejects(pictures.removeJob(name), refused);
    }
    for (const name of ['..', '', 'thumbnails', `../${hash}`, hash.toUpperCase(), `${hash}0`, `${hash}\n`]) {
      const refused = appError('FILE_UNREADABLE');
      await assert.rejects(pictures.read('mine', name), refused);
      await assert.rejects(pictures.remove('mine', name), refused);
      await assert.rejects(pictures.keepThumbnail('mine', name, Buffer.alloc(1)), refused);
      await assert.rejects(pictures.thumbnail('mine', name), refused);
    }
    assert.deepEqual(await pictures.jobs(), []);
  });
}
