import assert from 'node:assert/strict';
import { appendFile, link, mkdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { createJournal } from '#kaiyan/album/journal.js';
import { draftBeside } from '#kaiyan/album/names.js';
import { undoAlbum } from '#kaiyan/album/undo.js';
import type { Undone } from '#kaiyan/album/undo-step.js';
import { appError } from '../../support/errors.js';
import { temporaryFolder } from '../../support/folders.js';
import { sha256 } from '../../support/goldens.js';
import { listing, namesIn } from '../../support/listing.js';

const { signal } = new AbortController();

async function undo(target: string): Promise<Undone[]> {
  const all: Undone[] = [];
  for await (const undone of undoAlbum(target, { dryRun: false, signal })) all.push(undone);
  return all;
}

/** An album whose process ended after it had said that it would move `a.jpg`, and before the rest was done. */
async function interrupted(t: Pick<TestContext, 'after'>) {
  const root = await temporaryFolder(t);
  const original = path.join(root, 'a.jpg');
  await writeFile(original, 'picture');
  const before = await listing(root);
  const album = path.join(root, 'album');
  const journal = createJournal(album, { lang: 'en', title: 'test' });
  const to = path.join(album, 'dog/a.jpg');
  const draft = draftBeside(to);
  await journal.makeFolder(path.dirname(to));
  await journal.note({
    do: 'move',
    from: '../a.jpg',
    to: 'dog/a.jpg',
    draft: journal.seen(draft),
    sha256: sha256(Buffer.from('picture')),
  });
  await journal.close();
  return { root, original, before, album, to, draft, file: journal.file() as string };
}

describe('undo after a sudden end', () => {
  test('before anything was done', async (t) => {
    const { root, before, album } = await interrupted(t);
    await undo(album);
    assert.deepEqual(await listing(root), before);
  });

  test('while a copy was being written', async (t) => {
    const { root, before, album, draft } = await interrupted(t);
    await writeFile(draft, 'pic');
    await undo(album);
    assert.deepEqual(await listing(root), before);
  });

  test('when the picture had both names', async (t) => {
    const { root, original, before, album, to } = await interrupted(t);
    await link(original, to);
    await undo(album);
    assert.deepEqual(await listing(root), before);
  });

  test('moves back no other picture that has its name by now, and says so', async (t) => {
    const { original, album, to } = await interrupted(t);
    await rename(original, to);
    await writeFile(to, 'another picture');
    const [undone] = await undo(album);
    assert.deepEqual([undone?.kind, await readFile(to, 'utf8')], ['kept', 'another picture']);
  });

  test('says of a picture that is nowhere that it is', async (t) => {
    const { original, album } = await interrupted(t);
    await rm(original);
    const [undone] = await undo(album);
    assert.match(undone?.reason ?? '', /neither/);
  });

  test('when the copy was complete and the original still there', async (t) => {
    const { root, before, album, to } = await interrupted(t);
    await writeFile(to, 'picture');
    await undo(album);
    assert.deepEqual(await listing(root), before);
  });

  test('when the new name was only reserved', async (t) => {
    const { root, before, album, to } = await interrupted(t);
    await writeFile(to, '');
    await undo(album);
    assert.deepEqual(await listing(root), before);
  });

  test('in the middle of a line of the undo file', async (t) => {
    const { root, before, album, file } = await interrupted(t);
    await appendFile(file, '{"do":"move","from":"../b.jp');
    await undo(album);
    assert.deepEqual(await listing(root), before);
  });

  test('before the undo file had a line', async (t) => {
    const { root, before, album, file } = await interrupted(t);
    await rmdir(path.join(album, 'dog'));
    await writeFile(file, '{"do":"beg');
    await undo(album);
    assert.deepEqual(await listing(root), { ...before, album: 'folder' });
  });

  test('something else under the new name is kept', async (t) => {
    const { album, to, original } = await interrupted(t);
    await writeFile(to, 'of somebody else');
    const [kept] = await undo(album);
    assert.deepEqual([kept?.path, kept?.kind], ['dog/a.jpg', 'kept']);
    assert.equal(await readFile(to, 'utf8'), 'of somebody else');
    assert.equal(await readFile(original, 'utf8'), 'picture');
  });
});

test('a picture that was moved is kept if an empty file has its former place', async (t) => {
  const { album, to, original } = await interrupted(t);
  await rename(original, to);
  await writeFile(original, '');
  const [kept] = await undo(album);
  assert.deepEqual([kept?.path, kept?.kind], ['dog/a.jpg', 'kept']);
  assert.equal(await readFile(to, 'utf8'), 'picture');
});

for (const how of ['copy', 'link'] as const)
  test(`what a ${how} made is kept if the original is there no more`, async (t) => {
    const { album, file, original } = await interrupted(t);
    const to = path.join(album, 'b.jpg');
    const step = { do: how, from: '../a.jpg', to: 'b.jpg', draft: path.basename(draftBeside(to)) };
    await appendFile(file, `${JSON.stringify({ ...step, sha256: sha256(Buffer.from('picture')) })}\n`);
    await link(original, to);
    await rm(original);
    const [kept] = await undo(album);
    assert.deepEqual([kept?.path, kept?.kind], ['b.jpg', 'kept']);
    assert.equal(await readFile(to, 'utf8'), 'picture');
  });

test('the folders of an album stay if there is something else in them', async (t) => {
  const { root, album } = await interrupted(t);
  await mkdir(path.join(album, '.kaiyan-album'), { recursive: true });
  await writeFile(path.join(album, '.kaiyan-album/mine.txt'), 'mine');
  await undo(album);
  assert.deepEqual(await namesIn(root), ['a.jpg', 'album', 'album/.kaiyan-album', 'album/.kaiyan-album/mine.txt']);
});

test('only an undo file in its place can be undone', async (t) => {
  const { root, album, file } = await interrupted(t);
  const elsewhere = path.join(root, 'undo.jsonl');
  await writeFile(elsewhere, await readFile(file));
  await assert.rejects(undo(elsewhere), appError('USAGE', 'lies elsewhere'));
  await assert.rejects(undo(path.join(root, 'nothing')), appError('FILE_UNREADABLE'));
  const other = path.join(album, '.kaiyan-album/undo-x.jsonl');
  await writeFile(other, 'something else\n');
  await assert.rejects(undo(other), appError('USAGE', 'is none'));
});

test('an undo file that names something else as a draft removes nothing', async (t) => {
  const { root, album, file, before } = await interrupted(t);
  const trap = { do: 'copy', from: 'x', to: 'y', draft: '../a.jpg', sha256: '' };
  await appendFile(file, `${JSON.stringify(trap)}\n`);
  await undo(album);
  assert.deepEqual(await listing(root), before);
});
