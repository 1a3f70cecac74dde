import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEventParser } from '#page/api/event-parser.js';

const STREAM = [
  ':a comment\n\n',
  'event: item\r\nid: 1\r\ndata: {"name":"猫.jpg"}\r\n\r\n',
  'data: two\ndata:lines\ndata\n\n',
  'event: nothing\nid: 2\n\n',
  'retry: 10\rid:7-end\revent: job\rdata:  kept space\r\r\n',
  'data: cut off',
].join('');

const EVENTS = [
  { type: 'item', id: '1', data: '{"name":"猫.jpg"}' },
  { type: 'message', id: '1', data: 'two\nlines\n' },
  { type: 'job', id: '7-end', data: ' kept space' },
];

test('events are read as the standard has them: names, ids, several lines, comments, all line ends', () => {
  assert.deepEqual(createEventParser()(STREAM), EVENTS);
});

test('events are the same wherever the stream is cut into pieces', () => {
  for (let size = 1; size < STREAM.length; size += 1) {
    const parse = createEventParser();
    const pieces = STREAM.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
    assert.deepEqual(pieces.flatMap(parse), EVENTS, `pieces of ${size}`);
  }
});
