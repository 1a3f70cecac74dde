import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../support/folders.js';
import { project } from '../../support/paths.js';
import { withoutCommand } from '../../support/requirements.js';

/** Eight pictures at once; says so when they have been received. */
const SCRIPT = `
import { writeFileSync } from 'node:fs';
import { createFolderPictures } from '#kaiyan/jobs/pictures/folder.js';
const [, folder] = process.argv;
const pictures = createFolderPictures({ folder });
await Promise.all(Array.from({ length: 8 }, async (_, index) => {
  const draft = pictures.receive('mine');
  await draft.write(Buffer.from(\`picture \${index}\`));
  await draft.finish();
}));
writeFileSync(folder + '/received', '');
`;

test('a picture is on the disk, and then its name, before it has been received', {
  skip: withoutCommand('strace'),
}, async (t) => {
  const folder = await temporaryFolder(t);
  const log = path.join(folder, 'log');
  const traced = ['-f', '-y', '-qq', '-e', 'trace=fdatasync,fsync,rename,openat', '-o', log];
  const script = ['--input-type=module', '-e', SCRIPT, path.join(folder, 'pictures')];
  const { status, stderr } = spawnSync('strace', [...traced, process.execPath, ...script], {
    cwd: project,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  const calls = (await readFile(log, 'utf8')).split('\n');
  const places = (pattern: RegExp) => calls.flatMap((call, index) => (pattern.test(call) ? [index] : []));
  const [received = -1] = places(/openat\(.*pictures\/received"/);
  const renames = places(/rename\("[^"]*\.receiving-[^"]*", "[^"]*pictures\/mine\/[0-9a-f]{64}"/);
  assert.equal(renames.length, 8);
  for (const rename of renames) {
    const [, draft = ''] = /\.receiving-([0-9a-f-]+)/.exec(calls[rename] ?? '') ?? [];
    const [written = Number.POSITIVE_INFINITY] = places(new RegExp(`fdatasync\\(.*${draft}`));
    assert.ok(written < rename, 'its bytes are written out before it has its name');
    for (const name of [/fsync\(\d+<[^>]*pictures\/mine>/, /fsync\(\d+<[^>]*pictures>/])
      assert.ok(
        places(name).some((sync) => sync > rename && sync < received),
        'its name is written out before it has been received',
      );
  }
});
