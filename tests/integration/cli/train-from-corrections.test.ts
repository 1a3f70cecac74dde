import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { createCorrections } from '#kaiyan/corrections/store.js';
import { readPromotions } from '#kaiyan/models/promotions.js';
import { partsOf, said } from '../../support/corrections.js';
import { temporaryFolder } from '../../support/folders.js';
import { kaiyan } from '../../support/run-command.js';

const train = (home: string, ...args: string[]) =>
  kaiyan(['train', '--from-corrections', '--augment', '1', ...args], { environment: { KAIYAN_HOME: home } });

describe('kaiyan train --from-corrections', () => {
  test('makes a candidate, shows it beside the model that answers, and lets it answer if it is told to', async (t) => {
    const home = await temporaryFolder(t);
    const corrections = createCorrections({ home, correctionBytes: 1e9 });
    for (const picture of await partsOf('chelsea.png', 3)) await corrections.keep(picture, said('Minka'));
    const made = await train(home, '--output', 'ours', '--int8', 'never');
    assert.equal(made.status, 0, made.stderr);
    assert.match(made.stdout, /^Made ours@1 from 3 corrected pictures/);
    assert.match(made.stdout, /efficientnet-lite0@1 +0\.0 %.*\nours@1 +\d+\.\d %/);
    assert.match(made.stdout, /kaiyan promote ours@1/);
    assert.match(await readFile(/^Report: (.*)$/m.exec(made.stdout)?.[1] ?? '', 'utf8'), /ours@1 FP32/);
    assert.deepEqual(await readPromotions(home), []);
    const promoted = await train(home, '--promote');
    assert.equal(promoted.status, 0, promoted.stderr);
    assert.match(promoted.stdout, /efficientnet-lite0-corrected@1 \(.*\) answers from now on/);
    const [promotion] = await readPromotions(home);
    assert.equal(promotion?.to.reference, 'efficientnet-lite0-corrected@1');
    assert.match(promotion?.training ?? '', /^[0-9a-f]{16}$/);
  });

  test('refuses too few, a data set beside it, and a promotion of nothing', async (t) => {
    const home = await temporaryFolder(t);
    const few = await train(home);
    assert.deepEqual([few.status, few.stdout], [1, '']);
    assert.match(few.stderr, /at least 2 corrected pictures.*CORRECTIONS_TOO_FEW/);
    for (const args of [
      ['--data-path', home, '--from-corrections'],
      ['--data-path', home, '--promote'],
      ['--from-corrections', '--num-classes', '3'],
      [],
    ]) {
      const { status, stderr } = await kaiyan(['train', ...args]);
      assert.equal(status, 2);
      assert.match(stderr, /--from-corrections/);
    }
  });
});
