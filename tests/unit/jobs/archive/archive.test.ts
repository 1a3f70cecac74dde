import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { AppError } from '#kaiyan/errors.js';
import { type ArchiveSink, readArchive } from '#kaiyan/jobs/archive/archive.js';
import { archiveMadeBy, byPython, type TarEntry, tarOf } from '../../../support/archives.js';
import { appError, rejectionOf } from '../../../support/errors.js';
import { smallDisk, temporaryFolder } from '../../../support/folders.js';
import { sha256 } from '../../../support/goldens.js';
import { withoutCommand, withoutMounts, withoutPython } from '../../../support/requirements.js';
import { type ZipEntry, zipOf } from '../../../support/zip.js';

const LIMITS = { pictures: 1000, pictureBytes: 20_000_000, bytes: 1_000_000_000 };

async function* inChunks(bytes: Uint8Array, size = 65_536) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

interface Reading {
  readonly limits?: Partial<typeof LIMITS>;
  readonly chunk?: number;
  readonly folder?: string;
}

/** What the archive has: a name with the hash of its content, or with the code of its error. */
async function contents(t: TestContext, archive: Uint8Array, { limits, chunk, folder }: Reading = {}) {
  const found: [string, string][] = [];
  const sink: ArchiveSink = async (name, content) => {
    const parts: Uint8Array[] = [];
    try {
      for await (const part of content) parts.push(Buffer.from(part));
      found.push([name, sha256(Buffer.concat(parts))]);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      found.push([name, error.code]);
    }
  };
  const options = { limits: { ...LIMITS, ...limits }, folder: folder ?? (await temporaryFolder(t)) };
  await readArchive(inChunks(archive, chunk), sink, { ...options, signal: new AbortController().signal });
  return found;
}

const picture = (bytes: number) => randomBytes(bytes);
const files = [
  { name: 'empty.png', bytes: Buffer.alloc(0) },
  { name: 'holiday/beach.jpg', bytes: picture(100_001) },
  { name: 'holiday/deeper/sea.jpg', bytes: picture(512) },
  { name: 'notes.txt', bytes: Buffer.from('no picture') },
  { name: 'zeros.bmp', bytes: Buffer.alloc(1_000_000) },
  { name: '假期/海滩 ü.jpg', bytes: picture(1000) },
  { name: `${'长的名字'.repeat(12)}/${'name'.repeat(30)}.jpg`, bytes: picture(70_000) },
];
const expected = files.map(({ name, bytes }): [string, string] => [name, sha256(bytes)]);
const beside = ['.DS_Store', '._beach.jpg', '.hidden/cat.jpg', '__MACOSX/holiday/._beach.jpg', 'Thumbs.db'].map(
  (name) => ({ name, bytes: picture(10) }),
);

const sorted = (found: [string, string][]) => found.toSorted(([a], [b]) => (a < b ? -1 : 1));

describe('archives that other programs make are read', () => {
  const zip = (line: string) => ({ needs: withoutCommand('zip'), line });
  const tar = (line: string) => ({ needs: withoutCommand('tar'), line });
  const py = (script: string) => ({ needs: withoutPython('zipfile', 'tarfile'), line: byPython(script) });
  const pythonTar = (format: string, mode = 'w') =>
    py(`with tarfile.open(out, '${mode}', format=tarfile.${format}) as tar:\n  for name in files: tar.add(name)`);
  for (const [program, { needs, line }] of Object.entries({
    zip: zip('zip -q -r "$OUT.zip" . && mv "$OUT.zip" "$OUT"'),
    'zip, stored': zip('zip -q -0 -r "$OUT.zip" . && mv "$OUT.zip" "$OUT"'),
    'zip to a pipe, with sizes behind the data': zip('zip -q -r - . | cat > "$OUT"'),
    'zip in the form for large archives': zip('zip -q -fz -r "$OUT.zip" . && mv "$OUT.zip" "$OUT"'),
    tar: tar('tar cf "$OUT" .'),
    'tar, pax': tar('tar cf "$OUT" --format=posix *'),
    'tar.gz': tar('tar czf "$OUT" *'),
    "Python's zipfile": py(
      "with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:\n  for name in files: z.write(name)",
    ),
    "Python's tarfile, GNU": pythonTar('GNU_FORMAT'),
    "Python's tarfile, pax": pythonTar('PAX_FORMAT'),
    "Python's tarfile, gz": pythonTar('PAX_FORMAT', 'w:gz'),
  })) {
    test(program, { skip: needs }, async (t) => {
      const archive = await archiveMadeBy(t, line, [...files, ...beside]);
      assert.deepEqual(sorted(await contents(t, archive)), sorted(expected));
    });
  }

  test('ustar, with names in two fields', { skip: withoutPython('tarfile') }, async (t) => {
    const name = `${'a'.repeat(120)}/${'b'.repeat(90)}.jpg`;
    const script = "with tarfile.open(out, 'w', format=tarfile.USTAR_FORMAT) as tar: [tar.add(name) for name in files]";
    const archive = await archiveMadeBy(t, byPython(script), [{ name, bytes: Buffer.from('x') }]);
    assert.deepEqual(await contents(t, archive), [[name, sha256(Buffer.from('x'))]]);
  });

  test('whatever the sizes of the chunks', { skip: withoutCommand('tar') || withoutCommand('zip') }, async (t) => {
    const [few, lines] = [files.slice(2, 4), ['tar cf "$OUT" *', 'tar czf "$OUT" *', 'zip -q -r - * | cat > "$OUT"']];
    for (const line of lines) {
      const archive = await archiveMadeBy(t, line, [...few, ...files.slice(5)]);
      const all = sorted(await contents(t, archive));
      for (const chunk of [7, 511, 513]) assert.deepEqual(sorted(await contents(t, archive, { chunk })), all, line);
      assert.equal(all.length, 4);
    }
  });
});

const entry = (name: string, bytes: Uint8Array = Buffer.from('x')): ZipEntry & TarEntry => ({ name, bytes });
const named = (rawName: Uint8Array): ZipEntry & TarEntry => ({ ...entry(''), rawName });
const formats = {
  zip: zipOf,
  tar: tarOf,
  'tar.gz': (entries: readonly TarEntry[]) => gzipSync(tarOf(entries)),
} as const;
const x = sha256(Buffer.from('x'));

for (const [format, archiveOf] of Object.entries(formats)) {
  describe(`a hostile or odd ${format}`, () => {
    test('names that lead elsewhere refuse all of it', async (t) => {
      for (const [name, words] of [
        ['../../etc/passwd', '".."'],
        ['a/../../b.jpg', '".."'],
        ['..', '".."'],
        ['/etc/passwd', 'root'],
        ['C:/windows/a.jpg', 'drive'],
        ['c:a.jpg', 'drive'],
        ['..\\a.jpg', 'backslash'],
        ['a\\b.jpg', 'backslash'],
        ['../__MACOSX/.hidden', '".."'],
      ] as const)
        await assert.rejects(
          contents(t, archiveOf([entry('good.jpg'), entry(name)])),
          appError('ARCHIVE_INVALID', 'entry 2', words),
          name,
        );
    });

    test('names that only look like it are names', async (t) => {
      const names = ['a..b.jpg', 'a/...jpg.png', '猫.jpg', ' .jpg', 'a b:c.jpg'].map((name) => entry(name));
      const kept = ['a..b.jpg', '猫.jpg', ' .jpg', 'a b:c.jpg'].map((name) => [name, x]);
      assert.deepEqual(await contents(t, archiveOf(names)), kept);
    });

    test('equal names are so many entries', async (t) => {
      assert.deepEqual(await contents(t, archiveOf([entry('a.jpg'), entry('a.jpg')])), [
        ['a.jpg', x],
        ['a.jpg', x],
      ]);
    });

    test('an entry that is too large is its own failure', async (t) => {
      const archive = archiveOf([
        entry('a.jpg'),
        entry('large.jpg', picture(1001)),
        entry('full.jpg', Buffer.alloc(1000)),
      ]);
      const found = await contents(t, archive, { limits: { pictureBytes: 1000 } });
      assert.deepEqual(
        found.map(([, is]) => is),
        [x, 'IMAGE_TOO_LARGE', sha256(Buffer.alloc(1000))],
      );
    });

    test('too many pictures refuse all of it', async (t) => {
      const beside = [
        entry('.hidden'),
        entry('b/', Buffer.alloc(0)),
        entry('__MACOSX/._a.jpg'),
        entry('__MACOSX/._c.jpg'),
      ];
      const archive = archiveOf([entry('a.jpg'), ...beside, entry('c.jpg')]);
      assert.equal((await contents(t, archive, { limits: { pictures: 2 } })).length, 2);
      await assert.rejects(
        contents(t, archive, { limits: { pictures: 1 } }),
        appError('REQUEST_TOO_LARGE', '1 pictures', 'maxJobPictures'),
      );
    });

    test('so do too many entries, even if all are passed over', async (t) => {
      const archive = archiveOf(Array.from({ length: 1004 }, () => entry('.hidden')));
      assert.deepEqual(await contents(t, archive, { limits: { pictures: 2 } }), []);
      await assert.rejects(
        contents(t, archive, { limits: { pictures: 1 } }),
        appError('REQUEST_TOO_LARGE', 'more than 1003 entries'),
      );
    });

    test('too many bytes in all refuse it, whoever receives the entry', async (t) => {
      const archive = archiveOf(['a', 'b', 'c'].map((name) => entry(name, picture(40_000))));
      assert.equal((await contents(t, archive, { limits: { bytes: 140_000 } })).length, 3);
      await assert.rejects(
        contents(t, archive, { limits: { bytes: 100_000 } }),
        appError('REQUEST_TOO_LARGE', 'maxJobBytes'),
      );
    });

    test('names in the Chinese encoding of Windows are read', async (t) => {
      const gbk = Buffer.from([0xc3, 0xa8, 0x2f, 0xd0, 0xdc, 0xc3, 0xa8, 0xe9, 0x46, 0x2e, 0x6a, 0x70, 0x67]);
      assert.deepEqual(await contents(t, archiveOf([named(gbk)])), [['猫/熊猫镕.jpg', x]]);
    });

    test('names in no encoding are names all the same', async (t) => {
      const [[name] = []] = await contents(t, archiveOf([named(Buffer.from([0x81, 0x62, 0xff, 0x2e, 0x6a]))]));
      assert.match(name ?? '', /b.*\.j$/);
    });

    test('an archive in it is a file as any other', async (t) => {
      const inner = archiveOf([entry('../a.jpg')]);
      assert.deepEqual(await contents(t, archiveOf([entry('inner', inner)])), [['inner', sha256(inner)]]);
    });

    test('one without entries has none', async (t) => {
      assert.deepEqual(await contents(t, archiveOf([])), []);
    });

    test('wherever it is cut off it is refused', async (t) => {
      const folder = await temporaryFolder(t);
      const archive = archiveOf([entry('a.jpg', picture(1500)), entry('b.jpg', picture(600))]);
      const end = format === 'tar' ? archive.length - 1024 : archive.length - 1;
      for (let bytes = 0; bytes <= end; bytes += bytes < end - 40 ? 61 : 1)
        await assert.rejects(
          contents(t, archive.subarray(0, bytes), { folder, chunk: 100 }),
          appError('ARCHIVE_INVALID'),
          `${bytes} bytes`,
        );
    });

    test('whatever byte is changed, it is read or refused', async (t) => {
      const folder = await temporaryFolder(t);
      const archive = archiveOf([entry('a.jpg', Buffer.alloc(300, 'ab')), entry('b/c.jpg', picture(30))]);
      for (let at = 0; at < archive.length; at++) {
        for (const value of [0xff, (archive[at] ?? 0) ^ 1]) {
          const changed = Buffer.from(archive);
          changed[at] = value;
          await contents(t, changed, { folder }).catch((error) => {
            if (!(error instanceof AppError) || error.code === 'INTERNAL') throw error;
          });
        }
      }
    });

    test('what the sink throws ends it', async (t) => {
      const seen: string[] = [];
      const sink: ArchiveSink = async (name) => {
        seen.push(name);
        throw new RangeError('full');
      };
      const options = { limits: LIMITS, folder: await temporaryFolder(t), signal: new AbortController().signal };
      const archive = archiveOf([entry('a.jpg'), entry('b.jpg')]);
      await assert.rejects(readArchive(inChunks(archive), sink, options), new RangeError('full'));
      assert.deepEqual(seen, ['a.jpg']);
    });

    test('what the sink does not read is passed over', async (t) => {
      const seen: string[] = [];
      const sink: ArchiveSink = async (name, content) => {
        seen.push(name);
        if (name === 'b.jpg') for await (const _ of content) return;
      };
      const options = { limits: LIMITS, folder: await temporaryFolder(t), signal: new AbortController().signal };
      const archive = archiveOf(['a.jpg', 'b.jpg', 'c.jpg'].map((name) => entry(name, picture(200_000))));
      await readArchive(inChunks(archive), sink, options);
      assert.deepEqual(seen, ['a.jpg', 'b.jpg', 'c.jpg']);
    });

    test('an abort ends it between two chunks', async (t) => {
      const abort = new AbortController();
      const sink: ArchiveSink = async (_, content) => {
        for await (const _ of content) abort.abort(new RangeError('gone'));
      };
      const options = { limits: LIMITS, folder: await temporaryFolder(t), signal: abort.signal };
      const archive = archiveOf([entry('a.jpg', picture(200_000))]);
      await assert.rejects(readArchive(inChunks(archive), sink, options), new RangeError('gone'));
    });
  });
}

describe('a zip', () => {
  test('has no name while it is read, and leaves nothing', async (t) => {
    const folder = path.join(await temporaryFolder(t), 'new');
    const options = { limits: LIMITS, folder, signal: new AbortController().signal };
    await readArchive(
      inChunks(zipOf([entry('a.jpg')])),
      async () => assert.deepEqual(await readdir(folder), []),
      options,
    );
  });

  test('that does not fit on the disk is said', { skip: withoutMounts() }, async (t) => {
    const folder = await smallDisk(t, 1);
    const options = { limits: LIMITS, folder, signal: new AbortController().signal };
    const archive = zipOf([entry('a.jpg', picture(2_000_000))]);
    await assert.rejects(
      readArchive(inChunks(archive), async () => undefined, options),
      appError('DISK_FULL', folder),
    );
    assert.deepEqual(await readdir(folder), []);
  });

  test('entries that share bytes refuse all of it', async (t) => {
    const archive = zipOf([entry('a.jpg'), { ...entry('b.jpg'), claims: { header: 0 } }]);
    await assert.rejects(contents(t, archive), appError('ARCHIVE_INVALID', 'shares bytes'));
  });

  test('an entry with another checksum, or with other bytes than it says, is its own failure', async (t) => {
    const bytes = Buffer.alloc(100_000);
    const archive = zipOf([
      { name: 'sum.jpg', bytes, claims: { crc32: 1 } },
      { name: 'deflated.jpg', bytes, deflated: true, claims: { crc32: 1 } },
      { name: 'more.jpg', bytes, deflated: true, claims: { bytes: 10 } },
      { name: 'less.jpg', bytes, deflated: true, claims: { bytes: 200_000 } },
      { name: 'broken.jpg', bytes: picture(1000), method: 8 },
      { name: 'good.jpg', bytes, deflated: true },
    ]);
    const found = await contents(t, archive);
    assert.deepEqual(
      found.slice(0, 5).map(([, is]) => is),
      Array(5).fill('ARCHIVE_INVALID'),
    );
    assert.deepEqual(found[5], ['good.jpg', sha256(bytes)]);
  });

  test('links are passed over', async (t) => {
    const link = { name: 'link.jpg', bytes: Buffer.from('/etc/passwd'), mode: 0o120777 };
    const file = { name: 'file.jpg', bytes: Buffer.from('x'), mode: 0o100644 };
    assert.deepEqual(await contents(t, zipOf([link, file])), [['file.jpg', x]]);
  });

  test('what is encrypted, or compressed in another way, refuses all of it', async (t) => {
    for (const [odd, words] of [
      [{ flags: 1, deflated: true }, 'encrypted'],
      [{ flags: 0x41 }, 'encryption'],
      [{ method: 9 }, 'method 9'],
    ] as const)
      await assert.rejects(
        contents(t, zipOf([entry('a.jpg'), { ...entry('b.jpg'), ...odd }])),
        appError('ARCHIVE_INVALID', words),
      );
  });

  test('made with a password by zip is refused', { skip: withoutCommand('zip') }, async (t) => {
    const archive = await archiveMadeBy(t, 'zip -q -P secret - a.jpg > "$OUT"', [
      { name: 'a.jpg', bytes: picture(100) },
    ]);
    await assert.rejects(contents(t, archive), appError('ARCHIVE_INVALID', 'encrypted'));
  });

  test('names with a zero byte refuse all of it', async (t) => {
    await assert.rejects(contents(t, zipOf([entry('a.jpg\0.exe')])), appError('ARCHIVE_INVALID', 'zero byte'));
  });

  test('old names of DOS are read', async (t) => {
    const name = Buffer.concat([Buffer.from([0x9a]), Buffer.from('bung '), Buffer.from([0x81]), Buffer.from('.jpg')]);
    assert.deepEqual(await contents(t, zipOf([named(name)])), [['Übung ü.jpg', x]]);
  });

  test('a bomb of many entries stops at what has come out of it', async (t) => {
    const bomb = zipOf(
      Array.from({ length: 20 }, (_, index) => ({ ...entry(`${index}`, Buffer.alloc(10_000_000)), deflated: true })),
    );
    await assert.rejects(contents(t, bomb), appError('ARCHIVE_INVALID', '100 times'));
  });

  test('a directory that says less than there is hides no more than that', async (t) => {
    const archive = zipOf([entry('a.jpg'), entry('b.jpg')]);
    archive.writeUInt16LE(1, archive.length - 12);
    archive.writeUInt16LE(1, archive.length - 14);
    await contents(t, archive).catch(appError('ARCHIVE_INVALID'));
  });
});

describe('a tar', () => {
  test('links and devices are passed over', async (t) => {
    const others = ['1', '2', '3', '4', '5', '6'].map((type) => ({
      ...entry(`type${type}`, Buffer.alloc(0)),
      type,
      linkTo: '/etc/passwd',
    }));
    assert.deepEqual(await contents(t, tarOf([...others, entry('a.jpg')])), [['a.jpg', x]]);
  });

  test('sizes that are none, and headers that are damaged, refuse it', async (t) => {
    for (const size of ['99999999999', '-1', '\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff'])
      await assert.rejects(
        contents(t, tarOf([entry('a'), { ...entry('b'), size }])),
        appError('ARCHIVE_INVALID', 'entry 2'),
      );
    const damaged = tarOf([entry('a'), entry('b')]);
    damaged.write('z', 1024);
    await assert.rejects(contents(t, damaged), appError('ARCHIVE_INVALID', 'entry 2', 'damaged'));
  });

  test('a size larger than what follows is cut off, whatever the limit', async (t) => {
    const archive = tarOf([{ ...entry('a'), size: '77777777777\0' }]);
    await assert.rejects(contents(t, archive), appError('ARCHIVE_INVALID', 'cut off'));
  });

  test('attributes that are damaged, or without end, refuse it', async (t) => {
    const pax = (text: string): TarEntry => ({ name: 'pax', type: 'x', bytes: Buffer.from(text) });
    for (const text of ['99 path=a\n', '0 path=a\n', 'path=a\n', '10 path=ab', '15 size=-100000\n', '4 a\n'])
      await assert.rejects(
        contents(t, tarOf([pax(text), entry('a')])),
        appError('ARCHIVE_INVALID', 'attributes'),
        text,
      );
    const long = { name: 'long', type: 'L', bytes: Buffer.alloc(1_000_001, 'a') };
    await assert.rejects(contents(t, tarOf([long, entry('a')])), appError('ARCHIVE_INVALID', 'too long'));
    await assert.rejects(
      contents(t, tarOf([{ ...long, bytes: Buffer.alloc(2000, 'a') }, entry('a')])),
      appError('ARCHIVE_INVALID', '1024'),
    );
  });

  test('a name that pax gives is checked as any other', async (t) => {
    for (const [name, words] of [
      ['../a', '".."'],
      ['a\0b', 'zero byte'],
    ] as const) {
      const record = `${name.length + 9} path=${name}\n`;
      const archive = tarOf([{ name: 'pax', type: 'x', bytes: Buffer.from(record) }, entry('harmless')]);
      await assert.rejects(contents(t, archive), appError('ARCHIVE_INVALID', words));
    }
  });

  test('what follows its end is passed over', async (t) => {
    const archive = Buffer.concat([tarOf([entry('a.jpg')]), picture(1_000_000)]);
    assert.deepEqual(await contents(t, archive), [['a.jpg', x]]);
  });

  test('a bomb stops at what has come out of it', async (t) => {
    const zeros = Buffer.alloc(8_000_000);
    const bomb = gzipSync(tarOf(Array.from({ length: 16 }, (_, index) => entry(`${index}`, zeros))));
    await assert.rejects(contents(t, bomb), appError('ARCHIVE_INVALID', '100 times'));
    const large = gzipSync(tarOf([entry('large', Buffer.alloc(130_000_000))]));
    await assert.rejects(contents(t, large), appError('ARCHIVE_INVALID', '100 times'));
  });

  test('a checksum of gzip that is wrong refuses it', async (t) => {
    const archive = gzipSync(tarOf([entry('a.jpg')]));
    archive.writeUInt32LE(1, archive.length - 8);
    await assert.rejects(contents(t, archive), appError('ARCHIVE_INVALID', 'damaged'));
  });
});

describe('what is no archive', () => {
  test('is refused with what it is', async (t) => {
    for (const [bytes, words] of [
      [Buffer.from('Rar!\x1a\x07\x01\x00'), 'RAR'],
      [Buffer.from([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]), '7-Zip'],
      [Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]), 'xz'],
      [Buffer.from('BZh91AY'), 'bzip2'],
      [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0]), 'zstd'],
      [Buffer.alloc(0), 'empty'],
      [picture(5000).fill(1, 0, 4), 'neither'],
      [gzipSync(picture(5000)), 'neither'],
      [Buffer.from('PK\x03\x04'), 'damaged'],
    ] as const)
      await assert.rejects(contents(t, bytes), appError('ARCHIVE_INVALID', words), words);
  });

  test('a source that fails is its error', async (t) => {
    const folder = await temporaryFolder(t);
    const gone = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });
    const sent = [entry('a', picture(100_000))];
    for (const archive of [zipOf(sent), tarOf(sent), gzipSync(tarOf(sent))]) {
      const source = async function* () {
        yield archive.subarray(0, 50_000);
        throw gone;
      };
      const sink: ArchiveSink = async (_, content) => {
        for await (const _ of content);
      };
      const reading = readArchive(source(), sink, { limits: LIMITS, folder, signal: new AbortController().signal });
      assert.equal(await rejectionOf(reading), gone);
    }
  });
});
