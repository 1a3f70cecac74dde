import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createPixelBuffers } from '#kaiyan/inference/pixel-buffers.js';

describe('pixel buffers', () => {
  test('have exactly the bytes that were asked for, and serve again', () => {
    const buffers = createPixelBuffers(2);
    const first = buffers.take(1000);
    assert.equal(first.byteLength, 1000);
    buffers.giveBack(first.buffer);
    assert.equal(buffers.take(2000).buffer, first.buffer);
    assert.notEqual(buffers.take(2000).buffer, first.buffer);
  });

  test('are kept up to a number, and only ordinary ones', () => {
    const buffers = createPixelBuffers(1);
    const [kept, oneMore, large] = [buffers.take(10), buffers.take(10), buffers.take(50_000_000)];
    for (const { buffer } of [large, kept, oneMore]) buffers.giveBack(buffer);
    assert.equal(buffers.take(10).buffer, kept.buffer);
    assert.ok(![oneMore.buffer, large.buffer].includes(buffers.take(10).buffer));
  });
});
