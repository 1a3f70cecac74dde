import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { ErrorCode } from '#kaiyan/errors.js';
import { readCheckpoint } from '#kaiyan/models/checkpoints/checkpoint.js';
import type { CheckpointLimits } from '#kaiyan/models/checkpoints/limits.js';
import { checkpointFixture } from '../../../support/checkpoints.js';
import { appError } from '../../../support/errors.js';
import { temporaryFolder } from '../../../support/folders.js';
import { type ZipEntry, zipOf } from '../../../support/zip.js';

const MIB = 2 ** 20;

/** One storage of 24 float32 and this pickle, as torch.save lays them out. */
const checkpointOf = (pickle: Buffer): ZipEntry[] => [
  { name: 'x/data.pkl', bytes: pickle },
  { name: 'x/data/0', bytes: Buffer.alloc(96) },
];

async function refusedSoon(t: TestContext, bytes: Buffer, code: ErrorCode, ...words: string[]): Promise<void> {
  const file = path.join(await temporaryFolder(t), 'weights.pth');
  await writeFile(file, bytes);
  const begun = performance.now();
  const before = process.memoryUsage().rss;
  await assert.rejects(readCheckpoint(file), appError(code, ...words));
  assert.ok(performance.now() - begun < 20_000, 'it took too long');
  assert.ok(process.memoryUsage().rss - before < 600 * MIB, 'it took too much memory');
}

describe('a limit', () => {
  for (const [fixture, limits, ...words] of [
    ['golden/plain.pth', { fileBytes: 1000 }, '1000 bytes', '2.4 KiB'],
    ['golden/plain.pth', { entries: 5 }, '5 entries', '10 entries'],
    ['golden/plain.pth', { headerBytes: 100 }, '100 bytes'],
    ['golden/legacy.pth', { headerBytes: 100 }, '100 bytes'],
    ['golden/plain.safetensors', { headerBytes: 100 }, '100 bytes of header'],
    ['golden/plain.pth', { containers: 10 }, '10 containers'],
    ['golden/plain.pth', { stack: 5 }, '5 values on the stack'],
    ['golden/plain.pth', { memo: 5 }, '5 values that its pickle keeps'],
    ['golden/plain.pth', { elements: 23 }, '24 elements'],
    ['golden/plain.safetensors', { elements: 23 }, '24 elements'],
  ] as const satisfies readonly (readonly [string, Partial<CheckpointLimits>, ...string[]])[]) {
    test(`of ${Object.entries(limits)} is kept for ${fixture}`, async () => {
      const file = checkpointFixture(fixture);
      await assert.rejects(readCheckpoint(file, { limits }), appError('CHECKPOINT_TOO_LARGE', file, ...words));
    });
  }
});

describe('a small file cannot make the reader work without end', () => {
  const pickle = (...parts: (string | Buffer)[]) =>
    Buffer.concat(
      ['\x80\x02', ...parts, '.'].map((part) => (Buffer.isBuffer(part) ? part : Buffer.from(part, 'latin1'))),
    );
  const zipped = (bytes: Buffer) => zipOf(checkpointOf(bytes));
  const repeat = (text: string, times: number) => Buffer.alloc(text.length * times, text, 'latin1');

  for (const [what, bytes, words] of [
    ['millions of dictionaries', pickle(repeat('}', 8 * MIB - 10)), 'values on the stack'],
    ['millions of dictionaries, one at a time', pickle(repeat('}0', 4 * MIB - 10)), 'containers'],
    ['millions of marks', pickle(repeat('(', 8 * MIB - 10)), 'marks'],
    ['millions of kept values', pickle('N', repeat('\x94', 8 * MIB - 10)), 'keeps'],
    ['more instructions than a pickle may have', pickle(repeat('N0', 8 * MIB)), '8.0 MiB'],
    [
      // A list of 90,000 pairs, from which 20,000 dictionaries are made.
      'dictionaries made again and again from one list',
      pickle(
        ']q\x00(',
        repeat('K\x01K\x02\x86', 90_000),
        'e0',
        repeat('ccollections\nOrderedDict\nh\x00\x85R0', 20_000),
      ),
      'containers',
    ],
    ['tensors of one endless shape', pickle(']q\x00(', repeat('K\x01', 90_000), 'e0', tensors(5_000)), '90000 axes'],
  ] as const) {
    test(what, (t) => refusedSoon(t, zipped(bytes), 'CHECKPOINT_TOO_LARGE', words));
  }

  test('one dictionary without tensors, under 10,000 keys', (t) => {
    const inner = Buffer.concat([Buffer.from('}q\x00('), repeat('J\x01\x02\x03\x04N', 40_000), Buffer.from('u0')]);
    const keys = Buffer.from(
      Array.from({ length: 10_000 }, (_, i) => `M${String.fromCharCode(i & 255, i >> 8)}h\x00`).join(''),
      'latin1',
    );
    return refusedSoon(t, zipped(pickle(inner, '}(', keys, 'u')), 'CHECKPOINT_NOT_A_STATE_DICT', 'without tensors');
  });

  test('a name of megabytes', (t) => {
    const name = repeat('per__affine', 700_000);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(name.length);
    const asked = pickle('X\x05\x00\x00\x00torchX', length, name, '\x93');
    return refusedSoon(t, zipped(asked), 'CHECKPOINT_UNSAFE', 'torch.per__affine');
  });

  test('a header of nested lists', (t) => {
    const header = Buffer.concat([Buffer.from('{"a":'), repeat('[', 4 * MIB)]);
    const length = Buffer.alloc(8);
    length.writeUInt32LE(header.length);
    return refusedSoon(t, Buffer.concat([length, header]), 'CHECKPOINT_INVALID', 'not JSON');
  });

  test('a header of one endless shape', (t) => {
    const header = Buffer.from(`{"a":{"dtype":"F32","data_offsets":[0,4],"shape":[${'1,'.repeat(3_000_000)}1]}}`);
    const length = Buffer.alloc(8);
    length.writeUInt32LE(header.length);
    return refusedSoon(t, Buffer.concat([length, header, Buffer.alloc(4)]), 'CHECKPOINT_INVALID', 'at most 32 sizes');
  });

  /** `_rebuild_tensor(storage, 0, memo 0, memo 0)`, over and over. */
  function tensors(count: number): Buffer {
    const storage = '((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x18tQ';
    return repeat(`ctorch._utils\n_rebuild_tensor\n${storage}K\x00h\x00h\x00tR0`, count);
  }
});

describe('a zip file that lies', () => {
  const sound = Buffer.from('\x80\x02}.', 'latin1');
  const zeros = (bytes: number) => ({ bytes: Buffer.alloc(bytes), deflated: true });

  for (const [what, entries, code, words] of [
    [
      'inflates far beyond its size',
      [...checkpointOf(sound), { name: 'x/data/1', ...zeros(40 * MIB) }],
      'CHECKPOINT_TOO_LARGE',
      '40.0 MiB once inflated',
    ],
    [
      'claims less than it inflates to',
      [{ name: 'x/data.pkl', ...zeros(MIB), claims: { bytes: 5 } }],
      'CHECKPOINT_INVALID',
      'damaged or cut off',
    ],
    [
      'claims more than it inflates to',
      [{ name: 'x/data.pkl', ...zeros(5), claims: { bytes: MIB } }],
      'CHECKPOINT_INVALID',
      'has 5 bytes, not 1048576',
    ],
    [
      'claims more than is in the file',
      [{ name: 'x/data.pkl', bytes: sound, claims: { bytes: 4000 } }],
      'CHECKPOINT_INVALID',
      'damaged or cut off',
    ],
    [
      'has another checksum',
      [{ name: 'x/data.pkl', bytes: sound, claims: { crc32: 1 } }],
      'CHECKPOINT_INVALID',
      'another checksum',
    ],
    [
      'uses the same bytes twice',
      [...checkpointOf(sound), { name: 'x/data/1', bytes: Buffer.alloc(96), claims: { header: 0 } }],
      'CHECKPOINT_INVALID',
      'shares bytes',
    ],
  ] as const satisfies readonly (readonly [string, readonly ZipEntry[], ErrorCode, string])[]) {
    test(what, (t) => refusedSoon(t, zipOf(entries), code, words));
  }
});
