import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createUploadBuffers } from '#kaiyan/server/upload-buffers.js';

describe('the memory of uploads', () => {
  test('has room for what is asked for, and serves again', () => {
    const buffers = createUploadBuffers();
    const first = buffers.take(100_000);
    assert.ok(first.length >= 100_000);
    buffers.giveBack(first);
    assert.equal(buffers.take(120_000), first);
    assert.notEqual(buffers.take(120_000), first, 'it serves one at a time');
  });

  test('is not given to a picture that it is too small for', () => {
    const buffers = createUploadBuffers();
    const small = buffers.take(5_000);
    buffers.giveBack(small);
    assert.ok(buffers.take(50_000).length >= 50_000);
  });

  test('is kept within a bound: neither large ones nor very many', () => {
    const buffers = createUploadBuffers();
    const large = buffers.take(5_000_000);
    buffers.giveBack(large);
    assert.notEqual(buffers.take(5_000_000), large);
    const many = Array.from({ length: 50 }, () => buffers.take(1_000_000));
    for (const buffer of many) buffers.giveBack(buffer);
    const again = Array.from({ length: 50 }, () => buffers.take(1_000_000));
    const kept = again.filter((buffer) => many.includes(buffer)).reduce((sum, { length }) => sum + length, 0);
    assert.ok(kept > 0 && kept <= 32_000_000, `${kept}`);
  });
});
