import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PICTURE_NAME } from '#kaiyan/dataset/labelled-pictures.js';
import { addTo, bytesIn, foldersIn, kindOf, NOTHING, partsOf } from '#page/pages/batch/selection.js';

const chosen = (name: string, bytes = 10) => ({
  name,
  file: new File([new Uint8Array(bytes)], name.split('/').at(-1) ?? '', { lastModified: 1 }),
});
const namesIn = (files: readonly { readonly name: string }[]) => files.map(({ name }) => name);

test('files are sorted by their names, pictures as the service does', () => {
  for (const name of ['a.jpg', 'a.JPEG', 'x/b.png', 'c.webp', 'd.heic', 'e.tif', 'f.avif', 'g.bmp', 'h.gif']) {
    assert.equal(kindOf(name), 'picture', name);
    assert.match(name, PICTURE_NAME);
  }
  for (const name of ['a.zip', 'b.tar', 'c.tgz', 'd.TAR.GZ']) assert.equal(kindOf(name), 'archive', name);
  for (const name of [
    'notes.txt',
    'jpg',
    'a.svg',
    '.hidden.jpg',
    'x/.trash/a.jpg',
    '__MACOSX/a.jpg',
    'Thumbs.db',
    'a.gz',
  ])
    assert.equal(kindOf(name), 'other', name);
});

test('what is chosen twice is sent once, in the order of names as people count', () => {
  const first = addTo(NOTHING, [chosen('p/10.jpg'), chosen('p/9.jpg'), chosen('notes.txt'), chosen('all.zip')]);
  const both = addTo(first, [chosen('p/9.jpg'), chosen('q/1.jpg'), chosen('p/9.jpg', 20), chosen('notes.txt')]);
  assert.deepEqual(namesIn(both.pictures), ['p/9.jpg', 'p/10.jpg', 'p/9.jpg', 'q/1.jpg']);
  assert.deepEqual(namesIn(both.archives), ['all.zip']);
  assert.deepEqual(both.leftOut, ['notes.txt']);
  assert.deepEqual([bytesIn(both), foldersIn(both)], [60, ['p', 'q']]);
});

test('pictures go in one form with their paths, and each archive by itself', async () => {
  const parts = partsOf(
    addTo(NOTHING, [chosen('p/1.jpg'), chosen('2.jpg'), chosen('a.zip'), chosen('b.tar'), chosen('c.tgz')]),
  );
  const [form, ...archives] = parts;
  assert.ok(form);
  const body = form.body();
  assert.ok(body instanceof FormData);
  assert.deepEqual(
    body.getAll('image').map((file) => (file instanceof File ? file.name : file)),
    ['2.jpg', 'p/1.jpg'],
  );
  assert.deepEqual(
    archives.map(({ headers }) => headers['Content-Type']),
    ['application/zip', 'application/x-tar', 'application/gzip'],
  );
});

test('more pictures, or more bytes, than one job takes are several jobs', () => {
  const selection = addTo(
    NOTHING,
    Array.from({ length: 25 }, (_, at) => chosen(`${at}.jpg`, 1000)),
  );
  const count = (limits: { jobPictures: number; jobBytes: number }) =>
    partsOf(selection, limits).map(({ bytes }) => bytes / 1000);
  assert.deepEqual(count({ jobPictures: 10, jobBytes: 1e9 }), [10, 10, 5]);
  assert.deepEqual(count({ jobPictures: 25, jobBytes: 1e9 }), [25]);
  assert.deepEqual(count({ jobPictures: 100, jobBytes: 20_000 }), [15, 10]);
  // What is too large even alone is for the service to refuse.
  assert.equal(count({ jobPictures: 100, jobBytes: 10 }).length, 25);
});
