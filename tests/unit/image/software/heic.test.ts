import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { SoftwareReply } from '#kaiyan/image/software/decoder.js';
import { decodeHeic } from '#kaiyan/image/software/heic.js';
import { fixtures } from '../../../support/paths.js';
import { withoutHeic } from '../../../support/requirements.js';

const PADDING = 8_000_000;

/** A picture with a large box that says nothing, which libheif keeps all the same. */
function padded(picture: Buffer): Buffer {
  const box = Buffer.alloc(PADDING);
  box.writeUInt32BE(PADDING, 0);
  box.write('free', 4);
  return Buffer.concat([picture, box]);
}

const outcome = (reply: SoftwareReply) => ('image' in reply ? 'decoded' : reply.failure);

describe("libheif's memory", { skip: withoutHeic() }, () => {
  test('does not grow with the number of pictures, whether they are decoded, refused or damaged', async () => {
    const small = await readFile(path.join(fixtures, 'heic/small.heic'));
    const library: { HEAPU8: Uint8Array } = createRequire(import.meta.url)('libheif-js/wasm-bundle.js');
    const heapBytes = () => library.HEAPU8.byteLength;
    const cases = [
      { bytes: padded(small), maxPixels: 1e6, expected: 'decoded' },
      { bytes: padded(small), maxPixels: 10, expected: 'too-large' },
      { bytes: padded(small.subarray(0, 60)), maxPixels: 1e6, expected: 'corrupt' },
    ];
    const before = heapBytes();
    for (const { bytes, maxPixels, expected } of cases) {
      for (let i = 0; i < 12; i++) assert.equal(outcome(await decodeHeic({ bytes, maxPixels })), expected);
      const grown = heapBytes() - before;
      assert.ok(grown < 2 * PADDING, `${expected}: ${grown} bytes more`);
    }
    assert.equal(outcome(await decodeHeic({ bytes: small, maxPixels: 1e6 })), 'decoded');
  });
});
