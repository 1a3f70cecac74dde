import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { encode, encodeBmp, gradient } from '../../support/drawings.js';
import { smallDisk, temporaryFolder } from '../../support/folders.js';
import { listing, namesIn } from '../../support/listing.js';
import { examples } from '../../support/paths.js';
import { withoutCommand, withoutMounts } from '../../support/requirements.js';
import { jsonLines, kaiyan, startKaiyan } from '../../support/run-command.js';
import { until } from '../../support/timing.js';

const example = (name: string) => path.join(examples, name);
const SIDECAR = `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
 <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4">
  <dc:subject><rdf:Bag><rdf:li>holiday</rdf:li></rdf:Bag></dc:subject>
 </rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>`;

interface Folders {
  /** All that the test may touch. */
  readonly root: string;
  readonly photos: string;
  readonly sorted: string;
}

/** A cat with a sidecar, coffee, mountains twice, a grey that nobody is sure of, and what else lies in such folders. */
async function folders(t: Pick<TestContext, 'after'>): Promise<Folders> {
  const root = await temporaryFolder(t);
  const photos = path.join(root, 'photos');
  await mkdir(path.join(photos, 'more/deeper'), { recursive: true });
  await copyFile(example('chelsea.png'), path.join(photos, 'cat.png'));
  await writeFile(path.join(photos, 'cat.png.xmp'), SIDECAR);
  await copyFile(example('coffee.png'), path.join(photos, 'coffee.txt'));
  await copyFile(example('alps.jpg'), path.join(photos, 'more/alps.jpg'));
  await copyFile(example('alps.jpg'), path.join(photos, 'more/deeper/alps.jpg'));
  await writeFile(path.join(photos, 'more/alps.jpg.xmp'), 'this is no XML');
  await writeFile(path.join(photos, 'grey.png'), await encode(gradient(40, 40), 'PNG'));
  await writeFile(path.join(photos, 'broken.jpg'), (await readFile(example('alps.jpg'))).subarray(0, 9000));
  await writeFile(path.join(photos, 'empty.jpg'), '');
  await writeFile(path.join(photos, 'notes.txt'), 'not a picture');
  await symlink('cat.png', path.join(photos, 'link.png'));
  await symlink('nowhere', path.join(photos, 'dangling.png'));
  return { root, photos, sorted: path.join(root, 'sorted') };
}

/** `count` small pictures, all different; gives their names. */
async function manyPictures(folder: string, count: number): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const names = Array.from({ length: count }, (_, i) => `p${String(i).padStart(3, '0')}.bmp`);
  for (const [i, name] of names.entries()) await writeFile(path.join(folder, name), encodeBmp(gradient(20 + i, 30)));
  return names;
}

const album = (...args: string[]) => kaiyan(['album', '--precision', 'int8', ...args]);
const subjects = (...files: string[]) =>
  (
    JSON.parse(
      execFileSync('exiftool', ['-j', '-XMP:Subject', '-XMP:Rating', ...files], { encoding: 'utf8' }),
    ) as Record<string, unknown>[]
  ).map(({ SourceFile: _, ...tags }) => tags);

describe('kaiyan album', () => {
  test('a dry run says what would be done, and changes nothing', async (t) => {
    const { root, photos, sorted } = await folders(t);
    const home = path.join(root, 'home');
    await mkdir(home);
    const before = await listing(root);
    for (const how of ['--copy', '--link', '--move']) {
      const args = [photos, '--into', sorted, how, '--keywords', '--dry-run', '--home', home, '--precision', 'auto'];
      const { status, stdout } = await album(...args);
      assert.equal(status, 1, 'one of them is broken');
      assert.match(stdout, /cat\.png {2}\w+: \S*sorted\/cat\/cat\.png .*keywords: .*cat/);
      assert.match(stdout, /grey\.png {2}\w+: \S*sorted\/unsure\/grey\.png/);
      assert.match(stdout, /deeper\/alps\.jpg {2}is there: /);
      assert.match(stdout, /Nothing was changed/);
      assert.deepEqual(await listing(root), before);
    }
  });

  test('sorts copies by category, and lists what failed at the end', async (t) => {
    const { photos, sorted } = await folders(t);
    const before = await listing(photos);
    const { status, stdout, stderr } = await album(photos, '--into', sorted, '--copy');
    assert.equal(status, 1);
    assert.match(stderr, /^\S*photos\/broken\.jpg: .*\[IMAGE_CORRUPT\]\n\S*photos\/empty\.jpg: .*\[IMAGE_EMPTY\]\n$/);
    assert.match(
      stdout,
      /5 pictures, 5 new; 4 copied; 1 there already; 2 failed; 1 other file left out; 2 symbolic links left out/,
    );
    assert.deepEqual(await listing(photos), before);
    const names = (await namesIn(sorted)).filter((name) => !name.startsWith('.') && name.includes('/'));
    assert.deepEqual(names, [
      'cat/cat.png',
      'cat/cat.png.xmp',
      'food or drink/coffee.txt',
      'landscape/alps.jpg',
      'landscape/alps.jpg.xmp',
      'unsure/grey.png',
    ]);
    assert.equal((await listing(sorted))['cat/cat.png'], before['cat.png'], 'with its time');
  });

  test('sorts by label, in Chinese, without the folders inside', async (t) => {
    const { photos, sorted } = await folders(t);
    await album(photos, '--into', sorted, '--link', '--by', 'label', '--lang', 'zh', '--no-recursive', '--no-gallery');
    const names = (await namesIn(sorted)).filter((name) => !name.startsWith('.'));
    assert.deepEqual(names, [
      '不确定',
      '不确定/grey.png',
      '意式浓缩咖啡',
      '意式浓缩咖啡/coffee.txt',
      '猫',
      '猫/cat.png',
      '猫/cat.png.xmp',
    ]);
  });

  for (const how of ['--copy', '--link', '--move'])
    test(`undo restores everything after ${how} with keywords and a gallery`, async (t) => {
      const { root, photos, sorted } = await folders(t);
      const before = await listing(root);
      await album(photos, '--into', path.join(sorted, 'deep'), how, '--keywords');
      assert.notDeepEqual(await listing(root), before);
      const { status, stdout, stderr } = await album('--undo', path.join(sorted, 'deep'));
      assert.deepEqual([status, stderr], [0, '']);
      assert.match(stdout, /0 left/);
      assert.deepEqual(await listing(root), before);
    });

  test('undo restores everything in the folder of the photographs itself, and says before what it would do', async (t) => {
    const { root, photos } = await folders(t);
    const before = await listing(root);
    await album(photos, '--keywords');
    const after = await listing(root);
    assert.ok((await namesIn(photos)).includes('index.html'));
    const preview = await album('--undo', photos, '--dry-run');
    assert.match(preview.stdout, /would be (removed|restored)/);
    assert.deepEqual(await listing(root), after);
    assert.equal((await album('--undo', photos)).status, 0);
    assert.deepEqual(await listing(root), before);
  });

  test('an undo file takes back its own run, and the gallery shows the rest', async (t) => {
    const { photos, sorted } = await folders(t);
    await album(photos, '--into', sorted, '--move', '--no-recursive');
    const first = await listing(sorted);
    const second = await album(path.join(photos, 'more'), '--into', sorted, '--move');
    const file = /--undo (\S+)/.exec(second.stdout)?.[1] as string;
    assert.match(await readFile(path.join(sorted, 'index.html'), 'utf8'), /alps\.jpg/);
    assert.equal((await album('--undo', file)).status, 0);
    assert.ok((await namesIn(photos)).includes('more/alps.jpg'));
    const page = await readFile(path.join(sorted, 'index.html'), 'utf8');
    assert.match(page, /cat\.png/);
    assert.doesNotMatch(page, /alps\.jpg/);
    const rest = await listing(sorted);
    for (const name of Object.keys(first).filter((each) => !/^\.kaiyan-album|index/.test(each)))
      assert.equal(rest[name], first[name]);
  });

  test('undo keeps what was changed since and what would be overwritten, says so, and can be repeated', async (t) => {
    const { root, photos, sorted } = await folders(t);
    await rm(path.join(photos, 'broken.jpg'));
    const before = await listing(root);
    await album(photos, '--into', sorted, '--move', '--keywords');
    await writeFile(path.join(photos, 'coffee.txt'), 'a new file with the old name');
    await writeFile(path.join(sorted, 'cat/cat.png.xmp'), 'changed by another program');
    await writeFile(path.join(sorted, 'cat/mine.txt'), 'mine');
    const { status, stderr } = await album('--undo', sorted);
    assert.equal(status, 1);
    assert.match(stderr, /coffee\.txt: left as it is, since another file has its former place/);
    assert.match(stderr, /cat\.png\.xmp: left as it is, since it was changed/);
    assert.equal(await readFile(path.join(photos, 'coffee.txt'), 'utf8'), 'a new file with the old name');
    assert.equal(await readFile(path.join(photos, 'cat.png.xmp'), 'utf8'), 'changed by another program');
    assert.equal((await listing(photos))['cat.png'], before['photos/cat.png']);
    await rename(path.join(photos, 'coffee.txt'), path.join(root, 'elsewhere.txt'));
    await writeFile(path.join(photos, 'cat.png.xmp'), SIDECAR);
    assert.equal((await album('--undo', sorted)).status, 0);
    assert.equal((await listing(photos))['coffee.txt'], before['photos/coffee.txt']);
    assert.deepEqual(await namesIn(sorted), ['cat', 'cat/mine.txt']);
  });

  test('a second run touches only what is new', async (t) => {
    const { photos, sorted } = await folders(t);
    const args = [photos, '--into', sorted, '--copy', '--keywords'];
    await album(...args);
    const before = await listing(sorted);
    const unchanged = await album(...args);
    assert.match(unchanged.stdout, /5 pictures, 0 new; 0 copied/);
    assert.deepEqual(await listing(sorted), before);

    await copyFile(example('chelsea.png'), path.join(photos, 'second cat.png'));
    assert.match((await album(...args)).stdout, /6 pictures, 1 new; 1 copied; keywords written for 1/);
    const after = await listing(sorted);
    const changed = Object.keys(after).filter(
      (name) => after[name] !== before[name] && !name.startsWith('.kaiyan-album'),
    );
    assert.deepEqual(changed, ['cat/second cat.png', 'cat/second cat.png.xmp', 'index.html']);
    assert.deepEqual(
      Object.keys(before).filter((name) => !(name in after)),
      [],
    );
  });

  test('a state that is damaged is made anew', async (t) => {
    const { photos, sorted } = await folders(t);
    const args = [photos, '--into', sorted, '--copy'];
    await album(...args);
    const before = await listing(sorted);
    const state = path.join(sorted, '.kaiyan-album/state.jsonl');
    const lines = (await readFile(state, 'utf8')).split('\n');
    await writeFile(
      state,
      ['\0\0\0', '{"file":3}', ...lines.slice(0, 2), (lines[2] as string).slice(0, 40)].join('\n'),
    );
    const { stdout } = await album(...args);
    assert.match(stdout, /5 pictures, 3 new; 0 copied; 3 there already/);
    const after = await listing(sorted);
    for (const name of Object.keys(before).filter((each) => !each.startsWith('.kaiyan-album')))
      assert.equal(after[name], before[name]);
  });

  test('a picture that was moved by a run that could not note it is named and shown by the next one', async (t) => {
    const { photos, sorted } = await folders(t);
    const args = [path.join(photos, 'more'), '--into', sorted, '--move', '--no-recursive'];
    await rm(path.join(photos, 'more/alps.jpg.xmp'));
    await album(...args);
    await writeFile(path.join(sorted, '.kaiyan-album/state.jsonl'), '');
    assert.match(
      (await album(...args, '--keywords')).stdout,
      /1 picture, 1 new; 0 moved; 1 there already; keywords written for 1/,
    );
    assert.ok((await namesIn(sorted)).includes('landscape/alps.jpg.xmp'));
    assert.match(await readFile(path.join(sorted, 'index.html'), 'utf8'), /alps\.jpg/);
  });

  test('overwrites nothing: a name that is taken gets a number, what is there already is left', async (t) => {
    const { photos, sorted } = await folders(t);
    await mkdir(path.join(sorted, 'cat'), { recursive: true });
    await mkdir(path.join(sorted, 'landscape'));
    await writeFile(path.join(sorted, 'cat/cat.png'), 'another cat');
    await writeFile(path.join(sorted, 'cat/cat (2).png.xmp'), "a sidecar of a picture that isn't there");
    await copyFile(example('alps.jpg'), path.join(sorted, 'landscape/alps.jpg'));
    await writeFile(path.join(sorted, 'index.html'), '<p>my page</p>');
    const before = await listing(sorted);
    const { stdout } = await album(photos, '--into', sorted, '--move', '--keywords');
    const after = await listing(sorted);
    for (const name of Object.keys(before)) assert.equal(after[name], before[name], name);
    assert.ok('cat/cat (3).png' in after && 'cat/cat (3).png.xmp' in after);
    assert.match(stdout, /Gallery: \S*index \(2\)\.html/);
    await album('--undo', sorted);
    assert.deepEqual(await listing(sorted), before);
  });

  test('writes keywords that exiftool reads, adds to those that are there, and none where it is not sure', {
    skip: withoutCommand('exiftool'),
  }, async (t) => {
    const { photos } = await folders(t);
    const { status, stderr } = await album(photos, '--keywords', '--no-gallery');
    assert.equal(status, 1);
    assert.match(stderr, /alps\.jpg\.xmp.*SIDECAR_INVALID/);
    assert.equal(await readFile(path.join(photos, 'more/alps.jpg.xmp'), 'utf8'), 'this is no XML');
    assert.deepEqual(subjects(path.join(photos, 'cat.png.xmp'), path.join(photos, 'coffee.txt.xmp')), [
      { Subject: ['holiday', 'animal', 'pet', 'cat'], Rating: 4 },
      { Subject: ['food or drink', 'espresso'] },
    ]);
    assert.ok(!(await namesIn(photos)).includes('grey.png.xmp'));
  });

  test('keywords that do not hold any more go, and those of the user stay', {
    skip: withoutCommand('exiftool'),
  }, async (t) => {
    const { photos } = await folders(t);
    const sidecar = path.join(photos, 'cat.png.xmp');
    await writeFile(sidecar, SIDECAR.replace('holiday', 'pet'));
    await album(photos, '--keywords', '--no-gallery');
    await album(photos, '--keywords', '--no-gallery', '--lang', 'zh');
    assert.deepEqual(subjects(sidecar), [{ Subject: ['pet', '动物', '宠物', '猫'], Rating: 4 }]);
    await copyFile(example('coffee.png'), path.join(photos, 'cat.png'));
    await album(photos, '--keywords', '--no-gallery', '--lang', 'zh');
    assert.deepEqual(subjects(sidecar), [{ Subject: ['pet', '食物和饮料', '意式浓缩咖啡'], Rating: 4 }]);
  });

  test('an album inside the photographs is not sorted into itself', async (t) => {
    const { photos } = await folders(t);
    const inside = path.join(photos, 'sorted');
    for (let run = 0; run < 2; run++) await album(photos, '--into', inside, '--copy');
    assert.equal((await namesIn(inside)).filter((name) => name.endsWith('cat.png')).length, 1);
  });

  test('takes names of every kind', async (t) => {
    const root = await temporaryFolder(t);
    const names = [
      '-rf.png',
      'two\nlines.png',
      'bell\u0007.png',
      '🐈 #1 50%?.png',
      `"quotes' & <b>.png`,
      'no ending',
      '猫.png',
    ];
    await mkdir(path.join(root, 'photos'));
    for (const name of names) await copyFile(example('chelsea.png'), path.join(root, 'photos', name));
    const { status, stdout } = await kaiyan(['album', 'photos', '--into=-sorted', '--move', '--keywords'], {
      cwd: root,
    });
    assert.equal(status, 0);
    assert.match(stdout, /7 moved/);
    assert.deepEqual(
      (await readdir(path.join(root, '-sorted/cat'))).filter((name) => !name.endsWith('.xmp')),
      names.sort(),
    );
    const undo = /--undo '(.+)'/.exec(stdout)?.[1] as string;
    assert.equal((await kaiyan(['album', `--undo=${undo}`], { cwd: root })).status, 0);
    assert.deepEqual(await namesIn(root), ['photos', ...names.map((name) => `photos/${name}`)].sort());
  });

  test('what may not be read is told, and the rest goes on', {
    skip: process.getuid?.() !== 0 && 'needs root, to become someone else',
  }, async (t) => {
    const { root, photos, sorted } = await folders(t);
    await chmod(path.join(photos, 'cat.png'), 0o600);
    await chmod(path.join(photos, 'more'), 0o700);
    await mkdir(sorted);
    for (const folder of [root, sorted]) await chmod(folder, 0o777);
    const environment = { HOME: root };
    const asOther = (...args: string[]) => kaiyan(['album', ...args], { user: 65_534, environment });
    const closed = await asOther(path.join(photos, 'more'));
    assert.equal(closed.status, 1);
    assert.match(closed.stderr, /photos\/more, but EACCES.*Check the path and its permissions\. \[FILE_UNREADABLE\]/);
    const { status, stdout, stderr } = await asOther(photos, '--into', sorted, '--copy');
    assert.equal(status, 1);
    assert.match(stderr, /cat\.png.*FILE_UNREADABLE/);
    assert.match(stderr, /more: .*FILE_UNREADABLE/);
    assert.match(stdout, /2 copied; 4 failed/);
  });

  test('a picture whose sidecar cannot be read stays with it', {
    skip: process.getuid?.() !== 0 && 'needs root, to become someone else',
  }, async (t) => {
    const { root, photos, sorted } = await folders(t);
    for (const folder of [root, photos]) await chmod(folder, 0o777);
    await chmod(path.join(photos, 'cat.png.xmp'), 0o600);
    const args = ['album', photos, '--into', sorted, '--move', '--no-recursive'];
    const { status, stderr } = await kaiyan(args, { user: 65_534, environment: { HOME: root } });
    assert.equal(status, 1);
    assert.match(stderr, /cat\.png: .*cat\.png\.xmp.*The original is where it was/);
    const names = await namesIn(root);
    assert.ok(names.includes('photos/cat.png') && names.includes('photos/cat.png.xmp'));
    assert.ok(!names.includes('sorted/cat/cat.png'));
  });

  test('sorts files of others, which Linux lets nobody link', {
    skip: process.getuid?.() !== 0 && 'needs root, to become someone else',
  }, async (t) => {
    const { root, photos, sorted } = await folders(t);
    for (const folder of [root, photos, path.join(photos, 'more'), path.join(photos, 'more/deeper')])
      await chmod(folder, 0o777);
    const before = await listing(root);
    const options = { user: 65_534, environment: { HOME: root } };
    for (const how of ['--link', '--move']) {
      const { stdout } = await kaiyan(['album', photos, '--into', sorted, how, '--no-gallery'], options);
      assert.match(stdout, /4 (linked|moved)/);
      const [cat, original] = [
        await readFile(path.join(sorted, 'cat/cat.png')),
        await readFile(example('chelsea.png')),
      ];
      assert.ok(cat.equals(original));
      assert.equal((await kaiyan(['album', '--undo', sorted], options)).status, 0);
      assert.deepEqual(await listing(root), before);
    }
  });

  test('--json says everything in lines', async (t) => {
    const { photos, sorted } = await folders(t);
    const { stdout } = await album(photos, '--into', sorted, '--copy', '--keywords', '--json');
    const lines = jsonLines(stdout);
    assert.deepEqual(
      lines.map(({ file }) => path.relative(photos, file as string)),
      ['broken.jpg', 'cat.png', 'coffee.txt', 'empty.jpg', 'grey.png', 'more/alps.jpg', 'more/deeper/alps.jpg'],
    );
    const { probability, ...cat } = lines[1] as Record<string, unknown>;
    assert.ok((probability as number) > 0.9);
    assert.deepEqual(cat, {
      file: path.join(photos, 'cat.png'),
      new: true,
      label: 'cat',
      category: 'cat',
      action: 'copy',
      to: path.join(sorted, 'cat/cat.png'),
      keywords: ['animal', 'pet', 'cat'],
    });
    assert.equal(lines[0]?.code, 'IMAGE_CORRUPT');
  });

  for (const [what, args] of [
    ['no folder', []],
    ['a folder and something to undo', ['photos', '--undo', 'x']],
    ['two ways at once', ['photos', '--into', 'x', '--copy', '--move']],
    ['no place for the copies', ['photos', '--copy']],
    ['the photographs as their own album', ['.', '--into', '.', '--move']],
    ['another order', ['photos', '--by', 'colour']],
    ['a folder without an album', ['--undo', '.']],
  ] as const)
    test(`${what} is wrong usage`, async (t) => {
      const { status, stderr } = await kaiyan(['album', ...args], { cwd: await temporaryFolder(t) });
      assert.equal(status, 2);
      assert.doesNotMatch(stderr, /INTERNAL|at .*\.js:/);
    });

  test('moves to another file system, and leaves the original where there is no room', {
    skip: withoutMounts(),
  }, async (t) => {
    const { root, photos } = await folders(t);
    const before = await listing(root);
    const disk = await smallDisk(t, 1);
    await writeFile(path.join(disk, 'large'), Buffer.alloc(500_000));
    const { stdout, stderr } = await album(photos, '--into', path.join(disk, 'sorted'), '--move', '--no-gallery');
    assert.match(stderr, /ALBUM_UNWRITABLE/);
    assert.match(stdout, /[1-4] moved/);
    const [here, there] = [await namesIn(photos), await namesIn(disk)];
    for (const name of ['cat.png', 'coffee.txt', 'grey.png'])
      assert.equal(here.includes(name), !there.some((file) => file.endsWith(`/${name}`)), name);
    assert.deepEqual(
      there.filter((name) => name.endsWith('.part')),
      [],
    );
    assert.equal((await album('--undo', path.join(disk, 'sorted'))).status, 0);
    assert.deepEqual(await listing(root), before);
    assert.deepEqual(await namesIn(disk), ['large']);
  });

  for (const lines of [1, 7, 30])
    test(`undo restores everything after kill -9 at line ${lines}`, async (t) => {
      const root = await temporaryFolder(t);
      const photos = path.join(root, 'photos');
      const names = await manyPictures(photos, 150);
      for (const name of names.filter((_, i) => i % 3 === 0))
        await writeFile(path.join(photos, `${name}.xmp`), SIDECAR);
      const before = await listing(root);
      const args = [
        'album',
        photos,
        '--into',
        path.join(root, 'sorted'),
        '--move',
        '--keywords',
        '--threshold',
        '0',
        '--json',
      ];
      const { child, result } = startKaiyan(args);
      let seen = '';
      child.stdout.on('data', (text: string) => {
        seen += text;
        if (jsonLines(seen.slice(0, seen.lastIndexOf('\n') + 1)).length >= lines) child.kill('SIGKILL');
      });
      const { signal } = await result;
      assert.equal(signal, 'SIGKILL');
      assert.notDeepEqual(await listing(root), before);
      assert.equal((await album('--undo', path.join(root, 'sorted'))).status, 0);
      assert.deepEqual(await listing(root), before);
    });

  test('Ctrl-C ends it, the same command goes on, and undo restores everything', async (t) => {
    const root = await temporaryFolder(t);
    const photos = path.join(root, 'photos');
    await manyPictures(photos, 100);
    const before = await listing(root);
    const args = ['album', photos, '--into', path.join(root, 'sorted'), '--move', '--json'];
    const { child, result } = startKaiyan(args);
    child.stdout.once('data', () => child.kill('SIGINT'));
    const { status, stdout, stderr } = await result;
    assert.equal(status, 130);
    assert.match(stderr, /goes on from here/);
    assert.doesNotMatch(stderr, /failed|ABORTED/);
    const done = jsonLines(stdout).length;
    assert.ok(done > 0 && done < 100, `${done} were done`);
    const second = await kaiyan(args);
    assert.equal(second.status, 0);
    assert.equal(jsonLines(second.stdout).length, 100 - done);
    await until('the folder is empty', async () => (await readdir(photos)).length === 0);
    assert.equal((await album('--undo', path.join(root, 'sorted'))).status, 0);
    assert.deepEqual(await listing(root), before);
  });
});
