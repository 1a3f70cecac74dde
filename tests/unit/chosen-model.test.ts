import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { chosenModelFile, readChosenModel, writeChosenModel } from '#kaiyan/chosen-model.js';
import { loadConfiguration, settingsWith } from '#kaiyan/config.js';
import { appError } from '../support/errors.js';
import { temporaryFolder } from '../support/folders.js';

const configured = (home: string, flags: Record<string, unknown> = {}, environment: NodeJS.ProcessEnv = {}) => {
  const { settings, sources } = loadConfiguration({ flags: { home, ...flags }, file: '', environment });
  return [settings.model, sources.model, settings.precision, sources.precision];
};

describe('a model that was chosen', () => {
  test('answers where no setting names one, and says so', async (t) => {
    const home = await temporaryFolder(t);
    assert.deepEqual(configured(home), ['efficientnet-lite0', 'default', 'auto', 'default']);
    await writeChosenModel(home, { model: 'mine@2', precision: 'fp32' });
    const file = path.join(home, 'models/active.json');
    assert.deepEqual(configured(home), ['mine@2', file, 'fp32', file]);
    const { model, precision } = settingsWith({ home });
    assert.deepEqual([model, precision], ['mine@2', 'fp32']);
    await writeChosenModel(home, { model: 'other' });
    assert.deepEqual(configured(home), ['other', file, 'auto', 'default']);
    assert.deepEqual(await readdir(path.join(home, 'models')), ['active.json'], 'nothing else is left');
  });

  test('makes way for a setting, and its precision with it', async (t) => {
    const home = await temporaryFolder(t);
    await writeChosenModel(home, { model: 'mine', precision: 'fp32' });
    const environment = { KAIYAN_MODEL: 'yours' };
    assert.deepEqual(configured(home, {}, environment), ['yours', 'KAIYAN_MODEL', 'auto', 'default']);
    const [model, , precision, source] = configured(home, { precision: 'int8' });
    assert.deepEqual([model, precision, source], ['mine', 'int8', '--precision']);
    assert.equal(settingsWith({ home, model: 'yours' }).precision, 'auto');
  });

  test('that cannot be read is said, with the file', async (t) => {
    const home = await temporaryFolder(t);
    await mkdir(path.join(home, 'models'));
    for (const [content, says] of [
      ['{', 'JSON'],
      ['{"model":7}', 'model'],
      ['{"model":"x","precision":"int4"}', 'precision'],
      ['null', 'null'],
    ] as const) {
      await writeFile(chosenModelFile(home), content);
      assert.throws(() => readChosenModel(home), appError('SETTING_INVALID', 'active.json', says));
    }
  });

  test('that cannot be written is said', async () => {
    await assert.rejects(
      writeChosenModel('/dev/null/kaiyan', { model: 'mine' }),
      appError('MODELS_UNWRITABLE', '/dev/null/kaiyan/models'),
    );
  });
});
