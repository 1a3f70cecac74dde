import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf } from '#kaiyan/album/gallery/addresses.js';

test('an address leads from a page to a file, whatever its name', () => {
  for (const [file, folder, expected] of [
    ['dog/a b#1?.jpg', '', './dog/a%20b%231%3F.jpg'],
    ['../photos/50%.jpg', '.kaiyan-album/pages', '../../../photos/50%25.jpg'],
    ['javascript:alert(1)', '', './javascript%3Aalert(1)'],
    ['狗/\ud800.jpg', '', './%E7%8B%97/%EF%BF%BD.jpg'],
    ['/elsewhere/a b.jpg', '', 'file:///elsewhere/a%20b.jpg'],
  ] as const)
    assert.equal(addressOf(file, folder), expected);
});
