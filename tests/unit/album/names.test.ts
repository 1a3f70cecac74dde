import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { folderName, numbered } from '#kaiyan/album/names.js';

describe('a folder for what is seen', () => {
  for (const [name, expected] of [
    ['fish or sea life', 'fish or sea life'],
    ['昆虫和蜘蛛', '昆虫和蜘蛛'],
    ['a/b\\c', 'a_b_c'],
    ['<>:"|?*', '_______'],
    ['what?', 'what_'],
    ['..', '_'],
    ['.hidden', '_hidden'],
    ['ends in dots. . .', 'ends in dots'],
    ['  spaces  ', 'spaces'],
    ['CON', 'CON_'],
    ['con.fused', 'con_.fused'],
    ['lpt1', 'lpt1_'],
    ['concert', 'concert'],
    ['two\nlines\u0000\u202e', 'two_lines__'],
    ['', '_'],
    ['e\u0301', '\u00e9'],
  ] as const)
    test(`${JSON.stringify(name)} is ${JSON.stringify(expected)}`, () => assert.equal(folderName(name), expected));

  test('is short enough for every file system, and keeps whole characters', () => {
    const long = folderName('狗🐕'.repeat(100));
    assert.ok(Buffer.byteLength(long) <= 200);
    assert.doesNotMatch(long, /[\p{Cs}\ufffd]/u);
  });
});

test('a name that is taken gets a number before its ending', () => {
  assert.deepEqual(
    [numbered('cat.jpg', 1), numbered('cat.jpg', 2), numbered('cat', 3), numbered('a.b.png', 2)],
    ['cat.jpg', 'cat (2).jpg', 'cat (3)', 'a.b (2).png'],
  );
});
