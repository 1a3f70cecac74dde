import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { csvRows } from '#kaiyan/dataset/csv-rows.js';

const cells = (text: string) => csvRows(text).map((row) => row.cells);

describe('the rows of a CSV file', () => {
  test('end with any kind of line end, or with the file', () => {
    for (const end of ['\n', '\r\n', '\r'])
      assert.deepEqual(cells(`a,b${end}c,d${end}${end}e,f`), [
        ['a', 'b'],
        ['c', 'd'],
        ['e', 'f'],
      ]);
  });

  test('may have commas, quotes and line ends in quotes', () => {
    assert.deepEqual(cells('"a,b","say ""hi""","two\r\nlines",""\n'), [['a,b', 'say "hi"', 'two\r\nlines', '']]);
  });

  test('have no spaces around cells, but those in quotes', () => {
    assert.deepEqual(cells(' a , b c ," d "\n'), [['a', 'b c', ' d ']]);
  });

  test('keep a quote that is not the first of a cell', () => {
    assert.deepEqual(cells('5" nail,b\n"c" d,e\n'), [
      ['5" nail', 'b'],
      ['"c" d', 'e'],
    ]);
  });

  test('keep cells that are empty, but are not empty themselves', () => {
    assert.deepEqual(cells('a,\n,b\n,\n\n'), [
      ['a', ''],
      ['', 'b'],
    ]);
  });

  test('are parted by semicolons or tabs where the first has no comma', () => {
    assert.deepEqual(cells('path;label\na,b;c\n'), [
      ['path', 'label'],
      ['a,b', 'c'],
    ]);
    assert.deepEqual(cells('a\tb c\n'), [['a', 'b c']]);
  });

  test('know the line on which they begin', () => {
    assert.deepEqual(
      csvRows('a,b\n\n"c\nd",e\r\nf,g').map(({ line }) => line),
      [1, 3, 5],
    );
  });
});
