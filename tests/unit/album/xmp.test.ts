import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { changeKeywords } from '#kaiyan/album/xmp.js';
import { temporaryFolder } from '../../support/folders.js';
import { withoutCommand } from '../../support/requirements.js';

const add = (...words: string[]) => ({ add: words, remove: [] });

/** Everything that exiftool finds in it, by group and name. */
async function read(t: Pick<TestContext, 'after'>, xmp: string): Promise<Record<string, unknown>> {
  const file = path.join(await temporaryFolder(t), 'picture.jpg.xmp');
  await writeFile(file, xmp);
  const [tags] = JSON.parse(
    execFileSync('exiftool', ['-j', '-G1', '-struct', '-XMP:all', file], { encoding: 'utf8' }),
  ) as [Record<string, unknown>];
  const { SourceFile: _, ...rest } = tags;
  return rest;
}

/** A sidecar as exiftool writes it. */
async function written(t: Pick<TestContext, 'after'>, ...tags: string[]): Promise<string> {
  const file = path.join(await temporaryFolder(t), 'new.xmp');
  execFileSync('exiftool', ['-q', ...tags, file]);
  return readFile(file, 'utf8');
}

/** As darktable writes it, with what it needs to develop the picture again; shortened. */
const darktable = `<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:exif="http://ns.adobe.com/exif/1.0/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
    xmlns:darktable="http://darktable.sf.net/"
   exif:DateTimeOriginal="2024:05:01 10:11:12.000"
   xmp:Rating="4"
   darktable:xmp_version="5"
   darktable:raw_params="0"
   darktable:auto_presets_applied="1"
   darktable:history_end="2">
   <dc:subject>
    <rdf:Seq>
     <rdf:li>holiday</rdf:li>
     <rdf:li>cat</rdf:li>
    </rdf:Seq>
   </dc:subject>
   <dc:title>
    <rdf:Alt>
     <rdf:li xml:lang="x-default">Tom &amp; "Jerry" &lt;3</rdf:li>
    </rdf:Alt>
   </dc:title>
   <lr:hierarchicalSubject>
    <rdf:Seq>
     <rdf:li>travel|holiday</rdf:li>
    </rdf:Seq>
   </lr:hierarchicalSubject>
   <darktable:history>
    <rdf:Seq>
     <rdf:li
      darktable:num="0"
      darktable:operation="exposure"
      darktable:enabled="1"
      darktable:modversion="6"
      darktable:params="00000000000080b90000003f00004842000080c0"
      darktable:blendop_params="gz11eJxjYGBgkGAAgRNODESDBnsIHll8ANNSGQM="/>
    </rdf:Seq>
   </darktable:history>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
`;

const needsExiftool = { skip: withoutCommand('exiftool') };

describe('keywords in XMP', () => {
  test('a new sidecar has them, as exiftool reads it', needsExiftool, async (t) => {
    const { xmp, added } = changeKeywords(undefined, add('animal', 'dog', '狗', 'a < b & "c"'));
    assert.deepEqual(added, ['animal', 'dog', '狗', 'a < b & "c"']);
    assert.deepEqual(await read(t, xmp), {
      'XMP-x:XMPToolkit': 'Kaiyan',
      'XMP-dc:Subject': ['animal', 'dog', '狗', 'a < b & "c"'],
    });
  });

  test('join those of a sidecar of exiftool, and everything else stays', needsExiftool, async (t) => {
    const former = await written(
      t,
      '-XMP-dc:Subject=holiday',
      '-XMP-dc:Subject=cat',
      '-XMP-dc:Title=A title',
      '-XMP:Rating=5',
      '-XMP-exif:GPSLatitude=48.2',
      '-XMP-xmpMM:DocumentID=uuid:1234',
      '-XMP-iptcCore:Location=Wien & Umgebung',
    );
    const { xmp, added } = changeKeywords(former, add('animal', 'cat'));
    assert.deepEqual(added, ['animal']);
    const before = await read(t, former);
    assert.equal(before['XMP-dc:Title'], 'A title');
    assert.deepEqual(await read(t, xmp), { ...before, 'XMP-dc:Subject': ['holiday', 'cat', 'animal'] });
  });

  test(
    'join those of a sidecar of darktable, also where it looks first, and its history stays',
    needsExiftool,
    async (t) => {
      const { xmp, added } = changeKeywords(darktable, add('animal', 'cat'));
      assert.deepEqual(added, ['animal']);
      assert.deepEqual(await read(t, xmp), {
        ...(await read(t, darktable)),
        'XMP-dc:Subject': ['holiday', 'cat', 'animal'],
        'XMP-lr:HierarchicalSubject': ['travel|holiday', 'animal'],
      });
      const lines = new Set(xmp.split('\n').map((line) => line.trim()));
      assert.ok(lines.has('<rdf:li xml:lang="x-default">Tom &amp; "Jerry" &lt;3</rdf:li>'));
      assert.match(xmp, /darktable:blendop_params="gz11eJxjYGBgkGAAgRNODESDBnsIHll8ANNSGQM="/);
    },
  );

  test('go to the list of digiKam where there is one', needsExiftool, async (t) => {
    const former = await written(t, '-XMP-digiKam:TagsList=People/Ann');
    assert.deepEqual((await read(t, changeKeywords(former, add('cat')).xmp))['XMP-digiKam:TagsList'], [
      'People/Ann',
      'cat',
    ]);
  });

  test('are found under any prefix, and in the second description', needsExiftool, async (t) => {
    const former = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://ns.adobe.com/xap/1.0/" dc:Rating="3"/>
<rdf:Description rdf:about="" xmlns:d="http://purl.org/dc/elements/1.1/"><d:subject><rdf:Bag><rdf:li>one</rdf:li></rdf:Bag></d:subject></rdf:Description>
</rdf:RDF></x:xmpmeta>`;
    const { xmp } = changeKeywords(former, add('one', 'two'));
    assert.deepEqual(await read(t, xmp), { 'XMP-xmp:Rating': 3, 'XMP-dc:Subject': ['one', 'two'] });
  });

  test('join a single one that stands without a list', needsExiftool, async (t) => {
    for (const property of ['<dc:subject>lonely</dc:subject></rdf:Description>', '</rdf:Description>']) {
      const attribute = property.startsWith('<dc') ? '' : ' dc:subject="lonely"';
      const former = `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"${attribute}>${property}</rdf:RDF>`;
      assert.deepEqual(await read(t, changeKeywords(former, add('cat')).xmp), { 'XMP-dc:Subject': ['lonely', 'cat'] });
    }
  });

  test('that are there already change not one byte', () => {
    assert.deepEqual(changeKeywords(darktable, add('cat', 'holiday')), { xmp: darktable, added: [] });
  });

  test('are removed where they are named, and no other', needsExiftool, async (t) => {
    const { xmp } = changeKeywords(darktable, { add: ['dog'], remove: ['cat', 'travel'] });
    const tags = await read(t, xmp);
    assert.deepEqual(tags['XMP-dc:Subject'], ['holiday', 'dog']);
    assert.deepEqual(tags['XMP-lr:HierarchicalSubject'], ['travel|holiday', 'dog']);
  });

  test('changing them back gives the sidecar that was there', () => {
    const { xmp } = changeKeywords(darktable, add('animal'));
    assert.equal(
      changeKeywords(xmp, { add: [], remove: ['animal'] }).xmp.replace(/\s+/g, ' '),
      changeKeywords(darktable, { add: ['x'], remove: [] })
        .xmp.replace(/<rdf:li>x<\/rdf:li>/g, '')
        .replace(/\s+/g, ' '),
    );
  });

  for (const [what, text] of [
    ['nothing', ''],
    ['no XML', 'just a note'],
    ['XML that ends too soon', darktable.slice(0, 900)],
    ['XML that is no XMP', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['entities', `<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>`],
    ['an unknown prefix', '<a:b/>'],
    ['two roots', '<a/><b/>'],
  ] as const)
    test(`${what} is refused`, () => {
      assert.throws(() => changeKeywords(text, add('cat')), Error);
    });
});
