import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Correction } from '#kaiyan/corrections/correction.js';
import { readCorrections } from '#kaiyan/corrections/read-corrections.js';
import { createCorrections } from '#kaiyan/corrections/store.js';
import { gifOf, said } from '../../support/corrections.js';
import { appError, rejectsWith } from '../../support/errors.js';
import { smallDisk, temporaryFolder } from '../../support/folders.js';
import { sha256 } from '../../support/goldens.js';
import { examples } from '../../support/paths.js';
import { withoutMounts } from '../../support/requirements.js';

async function storeFor(t: TestContext, correctionBytes = 1e9) {
  const home = await temporaryFolder(t);
  const folder = path.join(home, 'corrections');
  return { home, folder, corrections: createCorrections({ home, correctionBytes }) };
}

const labels = (list: readonly Correction[]) => list.map(({ label }) => label);

describe('a corrected picture', () => {
  test('is kept under its hash with what was said of it, for every process that asks', async (t) => {
    const { home, folder, corrections } = await storeFor(t);
    assert.deepEqual(await corrections.list(), []);
    const cat = await readFile(path.join(examples, 'chelsea.png'));
    const kept = await corrections.keep(cat, said('猫/🐈'));
    assert.deepEqual({ ...kept, created: '' }, { ...said('猫/🐈'), id: sha256(cat), bytes: cat.length, created: '' });
    assert.ok(Math.abs(Date.parse(kept.created) - Date.now()) < 60_000);
    assert.deepEqual((await readdir(folder)).sort(), [`${kept.id}.json`, `${kept.id}.png`]);
    const another = createCorrections({ home, correctionBytes: 1e9 });
    assert.deepEqual(await another.list(), [kept]);
    assert.deepEqual(await another.picture(kept.id), cat);
  });

  test('that is corrected again has what was said last, once', async (t) => {
    const { folder, corrections } = await storeFor(t);
    await corrections.keep(gifOf('one'), said('dog'));
    await corrections.keep(gifOf('one'), said('wolf', { predicted: null }));
    const [only, ...others] = await corrections.list();
    assert.deepEqual([only?.label, only?.predicted, others], ['wolf', null, []]);
    assert.equal((await readdir(folder)).length, 2);
  });

  test('is listed with the newest first, also where another process has added to a folder that was read', async (t) => {
    const { home, corrections } = await storeFor(t);
    const others = createCorrections({ home, correctionBytes: 1e9 });
    for (const label of ['first', 'second', 'third']) {
      await corrections.keep(gifOf(label), said(label));
      await sleep(5);
    }
    assert.deepEqual(labels(await others.list()), ['third', 'second', 'first']);
    await sleep(1100);
    assert.deepEqual(labels(await others.list()), ['third', 'second', 'first'], 'and is remembered from now on');
    await corrections.keep(gifOf('fourth'), said('fourth'));
    assert.deepEqual(labels(await others.list()), ['fourth', 'third', 'second', 'first']);
  });

  test('can be said to show something else, and be deleted with its picture', async (t) => {
    const { folder, corrections } = await storeFor(t);
    const { id } = await corrections.keep(gifOf('one'), said('dog'));
    await corrections.keep(gifOf('two'), said('cat'));
    assert.deepEqual(
      await corrections.relabel(id, 'wolf'),
      (await corrections.list()).find((one) => one.id === id),
    );
    await corrections.remove(id);
    assert.deepEqual(labels(await corrections.list()), ['cat']);
    assert.equal((await readdir(folder)).length, 2);
    await rejectsWith(corrections.picture(id), 'CORRECTION_NOT_FOUND');
    await rejectsWith(corrections.relabel(id, 'dog'), 'CORRECTION_NOT_FOUND');
    await rejectsWith(corrections.remove(id), 'CORRECTION_NOT_FOUND');
    await corrections.clear();
    assert.deepEqual([await corrections.list(), await readdir(folder)], [[], []]);
  });

  test('that is no picture is refused', async (t) => {
    const { corrections } = await storeFor(t);
    await rejectsWith(corrections.keep(Buffer.from('text'), said('dog')), 'IMAGE_UNSUPPORTED');
    assert.deepEqual(await corrections.list(), []);
  });
});

describe('the room for corrections', () => {
  test('is bounded, but one that is there can be corrected again', async (t) => {
    const { corrections } = await storeFor(t, 30);
    await corrections.keep(gifOf('0123456789'), said('a'));
    const many = Array.from({ length: 5 }, (_, i) => corrections.keep(gifOf(`${i}`), said(`${i}`)));
    const settled = await Promise.allSettled(many);
    assert.deepEqual(
      settled.map(({ status }) => status),
      ['fulfilled', 'rejected', 'rejected', 'rejected', 'rejected'],
    );
    await assert.rejects(corrections.keep(gifOf('x'), said('b')), appError('CORRECTIONS_FULL', 'correctionBytes'));
    assert.equal((await corrections.keep(gifOf('0123456789'), said('b'))).label, 'b');
  });

  test('is bounded in number too, also where another process has taken it; what is there can be corrected again', async (t) => {
    const { home, corrections: others } = await storeFor(t);
    const corrections = createCorrections({ home, correctionBytes: 1e9 }, 3);
    const { id } = await corrections.keep(gifOf('first'), said('a'));
    await others.keep(gifOf('second'), said('a'));
    await corrections.keep(gifOf('third'), said('a'));
    await assert.rejects(corrections.keep(gifOf('fourth'), said('b')), appError('CORRECTIONS_FULL', '3 pictures'));
    assert.equal((await corrections.keep(gifOf('first'), said('b'))).label, 'b');
    await others.remove(id);
    await corrections.keep(gifOf('fourth'), said('b'));
    await rejectsWith(corrections.keep(gifOf('fifth'), said('b')), 'CORRECTIONS_FULL');
  });

  test('that the disk does not have is said, and nothing is left of the picture', {
    skip: withoutMounts(),
  }, async (t) => {
    const home = await smallDisk(t, 1);
    const corrections = createCorrections({ home, correctionBytes: 1e9 });
    await corrections.keep(gifOf('small'), said('small'));
    await rejectsWith(corrections.keep(gifOf('x'.repeat(2_000_000)), said('large')), 'DISK_FULL');
    assert.deepEqual(labels(await corrections.list()), ['small']);
    assert.equal((await readdir(path.join(home, 'corrections'))).length, 2);
  });

  test('cannot be in a folder that cannot be made', async () => {
    const corrections = createCorrections({ home: '/dev/null/kaiyan', correctionBytes: 1e9 });
    assert.deepEqual(await corrections.list(), []);
    await assert.rejects(corrections.keep(gifOf('x'), said('x')), appError('DATA_UNWRITABLE', 'corrections'));
  });
});

describe('a process that is killed while it keeps corrections', () => {
  const script = fileURLToPath(new URL('../../support/workers/corrects-without-end.js', import.meta.url));

  test('at any moment leaves all that it has confirmed, and nothing half', async (t) => {
    const { home, folder, corrections } = await storeFor(t);
    const confirmed: string[] = [];
    for (let round = 0; round < 8; round++) {
      const child = spawn(process.execPath, [script, home, `${round}`], { stdio: ['ignore', 'pipe', 'inherit'] });
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
      await once(child.stdout, 'data');
      const closed = once(child, 'close');
      await sleep(round * 7);
      child.kill('SIGKILL');
      await closed;
      confirmed.push(...output.split('\n').filter((line) => /^[0-9a-f]{64}$/.test(line)));
    }
    const list = await corrections.list();
    const ids = new Set(list.map(({ id }) => id));
    assert.deepEqual(
      confirmed.filter((id) => !ids.has(id)),
      [],
    );
    for (const { id, label } of list) assert.equal(sha256(await corrections.picture(id)), id, label);
    const hourAgo = Date.now() / 1000 - 3700;
    for (const name of await readdir(folder)) await utimes(path.join(folder, name), hourAgo, hourAgo);
    await corrections.keep(gifOf('afterwards'), said('afterwards'));
    assert.equal((await readdir(folder)).length, 2 * (list.length + 1), 'what was left is gone');
  });
});

describe('what is no correction', () => {
  test('is passed over, and no picture stays that nobody can see', async (t) => {
    const { folder, corrections } = await storeFor(t);
    await mkdir(folder);
    const [alone, broken, young] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string];
    await writeFile(path.join(folder, `${alone}.jpg`), 'x');
    await writeFile(path.join(folder, `${young}.jpg`), 'x');
    await writeFile(path.join(folder, `${broken}.jpg`), 'x');
    await writeFile(path.join(folder, `${broken}.json`), '{"label":');
    await writeFile(path.join(folder, 'notes.txt'), 'mine');
    await utimes(path.join(folder, `${alone}.jpg`), 1, 1);
    assert.deepEqual(await corrections.list(), []);
    await corrections.keep(gifOf('one'), said('one'));
    assert.deepEqual(labels(await corrections.list()), ['one']);
    const left = await readdir(folder);
    assert.ok(!left.includes(`${alone}.jpg`));
    assert.ok(left.includes(`${young}.jpg`) && left.includes('notes.txt'), 'another process may be writing it');
  });
});

describe('readCorrections', () => {
  test('gives a data set: classes in the order of their labels, pictures in that of their names', async (t) => {
    const { home, folder, corrections } = await storeFor(t);
    const empty = await readCorrections(home);
    assert.deepEqual([empty.classes, empty.pictures], [[], []]);
    for (const [text, label] of [
      ['1', 'wolf'],
      ['2', 'dog'],
      ['3', 'wolf'],
    ] as const)
      await corrections.keep(gifOf(text), said(label));
    const { source, classes, pictures } = await readCorrections(home);
    assert.equal(source, folder);
    assert.deepEqual(classes, [
      { label: 'dog', zh: 'dog' },
      { label: 'wolf', zh: 'wolf' },
    ]);
    const names = ['1', '2', '3'].map((text) => `${sha256(gifOf(text))}.gif`);
    assert.deepEqual(
      pictures.map(({ name }) => name),
      names.toSorted(),
    );
    for (const { name, path: file, label } of pictures) {
      assert.equal(label, name === names[1] ? 0 : 1);
      assert.ok((await stat(file)).isFile());
    }
  });
});
