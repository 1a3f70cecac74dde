import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { ErrorCode } from '#kaiyan/errors.js';
import { readCheckpoint } from '#kaiyan/models/checkpoints/checkpoint.js';
import { checkpointFixture, expectedCheckpoints } from '../../../support/checkpoints.js';
import { appError, rejectionOf } from '../../../support/errors.js';
import { temporaryFolder } from '../../../support/folders.js';
import { shared, withoutCommand, withoutShared } from '../../../support/requirements.js';

type Refusal = readonly [code: ErrorCode, ...words: string[]];
const invalid = (...words: string[]): Refusal => ['CHECKPOINT_INVALID', ...words];
const unsafe = (global: string): Refusal => ['CHECKPOINT_UNSAFE', `"${global}"`, 'Kaiyan ran nothing'];
const notStateDict = (...words: string[]): Refusal => [
  'CHECKPOINT_NOT_A_STATE_DICT',
  ...words,
  'torch.save(model.state_dict(), "weights.pth")',
];
const tooLarge = (...words: string[]): Refusal => ['CHECKPOINT_TOO_LARGE', ...words];

/** Every fixture that cannot be read, and why. */
const refusals: Readonly<Record<string, Refusal>> = {
  'golden/evil-eval.pth': unsafe('__builtin__.eval'),
  'golden/evil-os-system.pth': unsafe('posix.system'),
  'golden/short-storage.pth': invalid('its storage 0 has 8 bytes', '96'),
  'golden/torchscript.pt': notStateDict('a TorchScript program'),
  'golden/truncated.pth': invalid('cut off'),
  'golden/whole-module.pth': notStateDict('a whole pickled model (torch.nn.modules.linear.Linear)'),

  'own/evil-dotted.pth': unsafe('builtins.set.__class__'),
  'own/evil-extension.pth': invalid('EXT1'),
  'own/evil-in-module-protocol4.pth': unsafe('posix.system'),
  'own/evil-in-module.pth': unsafe('posix.system'),
  'own/evil-inst.pth': unsafe('os.system'),
  'own/evil-legacy.pth': unsafe('__builtin__.eval'),
  'own/evil-plain-pickle.pth': unsafe('posix.system'),
  'own/evil-protocol0.pth': unsafe('posix.system'),
  'own/evil-protocol4.pth': unsafe('posix.system'),
  'own/evil-split-name.pth': unsafe('posix.system'),
  'own/namespace.pth': unsafe('argparse.Namespace'),
  'own/numpy-scalar.pth': unsafe('numpy._core.multiarray.scalar'),

  'own/legacy-module.pth': notStateDict('a whole pickled model (torch.nn.modules.container.Sequential)'),
  'own/module-protocol4.pth': notStateDict('a whole pickled model (torch.nn.modules.linear.Linear)'),
  'own/list.pth': notStateDict('a list'),
  'own/no-tensors.pth': notStateDict('a dictionary without tensors', '"epoch", "optimizer"'),
  'own/one-tensor.pth': notStateDict('a single tensor'),
  'own/recursive.pth': notStateDict('a list'),
  'own/empty.safetensors': notStateDict('no tensors'),

  'own/complex.pth': invalid('tensors of complex numbers', 'float32'),
  'own/float8.pth': invalid('tensors of a rare type'),
  'own/meta.pth': invalid('tensors without data'),
  'own/negated.pth': invalid('negated or conjugated views'),
  'own/quantised.pth': invalid('quantised tensors'),
  'own/sparse.pth': invalid('sparse tensors'),
  'own/uint16.pth': invalid('tensors of a rare type'),
  'own/uint16.safetensors': invalid('tensors of the type U16'),

  'own/call-a-list.pth': invalid('calls a list'),
  'own/endless.pth': invalid('ends too early'),
  'own/huge-text.pth': invalid('ends too early'),
  'own/huge-text8.pth': invalid('ends too early'),
  'own/no-mark.pth': invalid('a mark that is not there'),
  'own/out-of-band.pth': invalid('NEXT_BUFFER'),
  'own/underflow.pth': invalid('a value that is not there'),
  'own/unknown-memo.pth': invalid('has not kept'),
  'own/unknown-opcode.pth': invalid('the byte 255'),

  'own/beyond-storage.pth': invalid('shape [2, 3, 4]', 'element 25 of the 24'),
  'own/claims-more.pth': invalid('its storage 0 has 96 bytes', String(2 ** 42)),
  'own/huge-stride.pth': invalid('a tensor'),
  'own/many-axes.pth': tooLarge('40 axes'),
  'own/missing-storage.pth': invalid('its storage ../byteorder is missing'),
  'own/more-strides.pth': invalid('2 sizes and 3 strides'),
  'own/negative-offset.pth': invalid('a tensor'),
  'own/negative-stride.pth': invalid('a tensor'),
  'own/other-type.pth': invalid('its storage 0 has 96 bytes', '192'),
  'own/overflowing-shape.pth': tooLarge('elements a tensor'),
  'own/stride-bomb.pth': tooLarge('100000000 elements made of 24 that are stored'),

  'own/damaged.pth': invalid('plain/data/0 is damaged'),
  'own/legacy-truncated.pth': invalid('where its storages need'),
  'own/not-torch.zip': invalid('without data.pkl'),
  'own/odd-byteorder.pth': invalid('"pdp-11"'),
  'own/plain-pickle.pth': invalid('that torch.save did not write'),
  'own/twice.pth': invalid('two entries named plain/data/0'),
  'own/two-pickles.pth': invalid('more than one data.pkl'),

  'own/backwards.safetensors': invalid('overlap or leave a gap at byte 0'),
  'own/beyond.safetensors': invalid('24 bytes of data', '32'),
  'own/duplicate.safetensors': invalid('overlap or leave a gap at byte 0'),
  'own/extra-key.safetensors': invalid('"code", not a known key'),
  'own/fraction.safetensors': invalid('5.5, not a whole number'),
  'own/hole.safetensors': invalid('overlap or leave a gap at byte 8'),
  'own/huge-header.safetensors': tooLarge('2.0 GiB', '8.0 MiB'),
  'own/list.safetensors': invalid('dtype'),
  'own/long-header.safetensors': invalid('within its header'),
  'own/not-json.safetensors': invalid('its header is not JSON'),
  'own/overflow.safetensors': tooLarge('elements a tensor'),
  'own/overlap.safetensors': invalid('overlap or leave a gap at byte 16'),
  'own/unclaimed.safetensors': invalid('24 bytes of data', '16'),
  'own/wrong-size.safetensors': invalid('"a" has 24 bytes', '[5] needs 20'),
};

describe('a hostile or broken checkpoint', () => {
  for (const [file, [code, ...words]] of Object.entries(refusals)) {
    test(`is refused with its own reason: ${file}`, async () => {
      const where = checkpointFixture(file);
      await assert.rejects(readCheckpoint(where), appError(code, where, ...words));
      assert.equal(existsSync('/tmp/kaiyan-was-run'), false);
    });
  }

  test('is every fixture that PyTorch has no values for', async () => {
    const readable = await expectedCheckpoints();
    for (const group of ['golden', 'own']) {
      const names = (await readdir(checkpointFixture(group))).filter((name) => !name.endsWith('.json'));
      for (const name of names.map((one) => `${group}/${one}`))
        assert.notEqual(readable.has(name), name in refusals, name);
    }
  });

  test('that inflates to a thousand times its size is not inflated', { skip: withoutShared() }, async () => {
    const begun = performance.now();
    const before = process.memoryUsage().rss;
    const file = path.join(shared, 'golden/pth/bomb.pth');
    await assert.rejects(readCheckpoint(file), appError('CHECKPOINT_TOO_LARGE', '1.0 GiB once inflated'));
    assert.ok(performance.now() - begun < 5_000);
    assert.ok(process.memoryUsage().rss - before < 200 * 2 ** 20);
  });

  test('cut off anywhere is refused, and never read as less', async (t) => {
    const file = path.join(await temporaryFolder(t), 'cut.pth');
    for (const fixture of ['golden/plain.pth', 'golden/legacy.pth', 'golden/plain.safetensors']) {
      const whole = await readFile(checkpointFixture(fixture));
      for (let length = 1; length < whole.length; length += 7) {
        await writeFile(file, whole.subarray(0, length));
        const error = await rejectionOf(readCheckpoint(file));
        assert.ok(appError('CHECKPOINT_INVALID')(error), `${fixture}, ${length} bytes`);
      }
    }
  });
});

describe('what is no checkpoint', () => {
  const refused = async (t: TestContext, bytes: Buffer, words: string) => {
    const file = path.join(await temporaryFolder(t), 'weights.pth');
    await writeFile(file, bytes);
    await assert.rejects(readCheckpoint(file), appError('CHECKPOINT_INVALID', words));
  };

  for (const [what, begin, words] of [
    ['an empty file', '', 'it is empty'],
    ['a web page', '<!DOCTYPE html><title>403</title>', 'a web page'],
    ['a pointer of Git LFS', 'version https://git-lfs.github.com/spec/v1\n', 'a pointer of Git LFS'],
    ['a Keras model', '\x89HDF\r\n\x1a\n', 'HDF5'],
    ['a NumPy array', '\x93NUMPY\x01\x00', 'a NumPy array'],
    ['a gzip file', '\x1f\x8b\x08', 'gzip'],
    ['a language model', 'GGUF\x03\0\0\0', 'GGUF'],
    ['an ONNX model', '\x08\x09\x12\x07pytorch', 'perhaps an ONNX model'],
    ['a tar file', `${'x'.repeat(257)}ustar`, 'a tar file'],
    ['an empty zip file', `PK\x05\x06${'\0'.repeat(18)}`, 'a zip file that is empty'],
    ['anything else', 'hello', 'the bytes 68656c6c6f'],
  ] as const) {
    test(`is named: ${what}`, (t) => refused(t, Buffer.from(begin, 'latin1'), words));
  }

  test('is not waited for: a pipe, a folder, a file that is not there', {
    skip: withoutCommand('mkfifo'),
  }, async (t) => {
    const folder = await temporaryFolder(t);
    const pipe = path.join(folder, 'pipe');
    spawnSync('mkfifo', [pipe]);
    await assert.rejects(readCheckpoint(pipe), appError('FILE_UNREADABLE', pipe, 'it is not a file'));
    await assert.rejects(readCheckpoint(folder), appError('FILE_UNREADABLE', folder));
    await assert.rejects(readCheckpoint(path.join(folder, 'none.pth')), appError('FILE_UNREADABLE', 'ENOENT'));
  });
});
