import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import {
  loadConfiguration,
  readSurroundings,
  settingKeys,
  settingsTable,
  settingsWith,
  variableOf,
} from '#kaiyan/config.js';
import { appError } from '../support/errors.js';
import { temporaryFolder } from '../support/folders.js';

async function fileWith(t: TestContext, content: string): Promise<string> {
  const file = path.join(await temporaryFolder(t), 'settings.json');
  await writeFile(file, content);
  return file;
}

const without = { file: '', environment: {} };

describe('settings', () => {
  test('flags win over variables, variables over the file, the file over defaults; each says its source', async (t) => {
    const file = await fileWith(t, JSON.stringify({ top: 4, threshold: 0.4, lang: 'zh' }));
    const { settings, sources } = loadConfiguration({
      flags: { top: 6 },
      file,
      environment: { KAIYAN_TOP: '5', KAIYAN_THRESHOLD: '0.5' },
    });
    assert.deepEqual([settings.top, sources.top], [6, '--top']);
    assert.deepEqual([settings.threshold, sources.threshold], [0.5, 'KAIYAN_THRESHOLD']);
    assert.deepEqual([settings.lang, sources.lang], ['zh', file]);
    assert.deepEqual([settings.model, sources.model], ['efficientnet-lite0', 'default']);
  });

  test('the defaults are the documented limits', () => {
    const { settings } = loadConfiguration(without);
    assert.equal(settings.maxBytes, 20_000_000);
    assert.equal(settings.maxPixels, 50_000_000);
    assert.equal(settings.threshold, 0.7);
    assert.equal(settings.host, '127.0.0.1');
    assert.equal(settings.iccProfiles, 'ignore');
    assert.equal(settings.shrinkOnLoad, false);
    assert.equal(settings.top, 3);
    assert.equal(settings.precision, 'auto');
  });

  test('every default is valid by its own schema, and every setting says what it is for', () => {
    for (const key of settingKeys) {
      const { fallback, about } = settingsTable[key];
      assert.deepEqual(loadConfiguration({ ...without, flags: { [key]: fallback } }).settings[key], fallback, key);
      assert.match(about, /\.$/, key);
    }
  });

  test('a variable is the name in capitals', () => {
    assert.equal(variableOf('maxPixels'), 'KAIYAN_MAX_PIXELS');
    const { settings, sources } = loadConfiguration({ file: '', environment: { KAIYAN_MAX_PIXELS: '1000' } });
    assert.deepEqual([settings.maxPixels, sources.maxPixels], [1000, 'KAIYAN_MAX_PIXELS']);
  });

  test('variables are typed: numbers, true and false, and lists as JSON', () => {
    const rule = { name: 'gun', group: 'gun', minProbability: 0.2 };
    const { settings } = loadConfiguration({
      file: '',
      environment: { KAIYAN_SHRINK_ON_LOAD: 'true', KAIYAN_RULES: JSON.stringify([rule]), KAIYAN_MODEL: '123' },
    });
    assert.equal(settings.shrinkOnLoad, true);
    assert.deepEqual(settings.rules, [rule]);
    assert.equal(settings.model, '123', 'a text stays a text');
  });

  test('an empty variable is not given', () => {
    assert.equal(loadConfiguration({ file: '', environment: { KAIYAN_TOP: '' } }).sources.top, 'default');
  });

  test('what Kubernetes says of a service named kaiyan is not given', () => {
    const environment = { KAIYAN_PORT: 'tcp://10.0.0.1:5000', KAIYAN_SERVICE_HOST: '10.0.0.1' };
    const { settings, sources } = loadConfiguration({ environment });
    assert.deepEqual([settings.port, sources.port], [5000, 'default']);
  });

  test('KAIYAN_HOME is the data directory', () => {
    assert.equal(loadConfiguration({ file: '', environment: { KAIYAN_HOME: '/data' } }).settings.home, '/data');
  });

  test('KAIYAN_CONFIG names a file; --config wins over it', async (t) => {
    const [one, other] = [await fileWith(t, '{"top":7}'), await fileWith(t, '{"top":8}')];
    assert.equal(loadConfiguration({ environment: { KAIYAN_CONFIG: one } }).settings.top, 7);
    assert.equal(loadConfiguration({ file: other, environment: { KAIYAN_CONFIG: one } }).settings.top, 8);
  });

  test('a file may name its schema for editors', async (t) => {
    const file = await fileWith(t, '{"$schema":"./settings.schema.json","top":7}');
    assert.equal(loadConfiguration({ file, environment: {} }).settings.top, 7);
  });
});

describe('mistakes in settings', () => {
  test('an unknown key in the file is an error that names it and those that exist', async (t) => {
    const file = await fileWith(t, '{"tresholt":0.5}');
    assert.throws(
      () => loadConfiguration({ file, environment: {} }),
      appError('SETTING_INVALID', 'tresholt', file, 'threshold'),
    );
  });

  for (const key of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
    test(`the unknown key ${key} is an error like any other`, async (t) => {
      const file = await fileWith(t, `{"${key}":1}`);
      assert.throws(() => loadConfiguration({ file, environment: {} }), appError('SETTING_INVALID', key));
    });
  }

  test('a secret that is wrong is not shown', async (t) => {
    const file = await fileWith(t, '{"apiKey":31415926}');
    assert.throws(
      () => loadConfiguration({ file, environment: {} }),
      (error: Error) =>
        appError('SETTING_INVALID', 'apiKey', 'text', file)(error) && !error.message.includes('31415926'),
    );
  });

  test('an unknown KAIYAN_ variable is a warning that names it, not an error', () => {
    const { warnings } = loadConfiguration({
      file: '',
      environment: { KAIYAN_SERVICE_PORT: 'tcp://10.0.0.1:80', OTHER: '1', KAIYAN_TOP: '2' },
    });
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] as string, /KAIYAN_SERVICE_PORT/);
  });

  const bad: readonly [key: string, value: unknown][] = [
    ['top', 0],
    ['top', 2.5],
    ['top', '3'],
    ['threshold', 1.1],
    ['threshold', -0.1],
    ['lang', 'fr'],
    ['precision', 'int4'],
    ['maxPixels', 0],
    ['maxBytes', -1],
    ['port', 65_536],
    ['model', ''],
    ['iccProfiles', true],
    ['shrinkOnLoad', 'yes'],
    ['uploadTimeoutSeconds', 0],
    ['uploadTimeoutSeconds', 3601],
    ['workers', -1],
    ['workers', 257],
    ['threads', 257],
    ['rules', [{ name: 'nothing named', minProbability: 0.5 }]],
    ['rules', [{ name: 'x', category: 'weapon', minProbability: 2 }]],
    ['rules', [{ name: 'x', category: 'weapon', minProbability: 0.5, typo: 1 }]],
    ['rules', 'weapon'],
    ['home', null],
  ];
  for (const [key, value] of bad) {
    test(`${key} may not be ${JSON.stringify(value)}; the error names the setting and the file`, async (t) => {
      const file = await fileWith(t, JSON.stringify({ [key]: value }));
      assert.throws(() => loadConfiguration({ file, environment: {} }), appError('SETTING_INVALID', key, file));
    });
  }

  test('a bad value names its source: a variable or a flag', () => {
    assert.throws(
      () => loadConfiguration({ file: '', environment: { KAIYAN_TOP: 'many' } }),
      appError('SETTING_INVALID', 'KAIYAN_TOP', 'many'),
    );
    assert.throws(
      () => loadConfiguration({ ...without, flags: { maxPixels: 'many' } }),
      appError('SETTING_INVALID', '--max-pixels', 'many'),
    );
  });

  test('a file that is no JSON, no object or not there is named', async (t) => {
    const [broken, list] = [await fileWith(t, '{"top":'), await fileWith(t, '[1]')];
    assert.throws(() => loadConfiguration({ file: broken, environment: {} }), appError('SETTING_INVALID', broken));
    assert.throws(() => loadConfiguration({ file: list, environment: {} }), appError('SETTING_INVALID', list));
    assert.throws(
      () => loadConfiguration({ file: `${list}.absent`, environment: {} }),
      appError('FILE_UNREADABLE', `${list}.absent`),
    );
  });
});

describe('settings of the library', () => {
  test('ignore the environment and the working directory', () => {
    process.env.KAIYAN_TOP = '9';
    try {
      assert.equal(settingsWith({}).top, 3);
    } finally {
      delete process.env.KAIYAN_TOP;
    }
  });

  test('are checked like any others', () => {
    assert.throws(() => settingsWith({ top: 0 }), appError('SETTING_INVALID', 'top'));
  });
});

describe('surroundings', () => {
  test('proxies are as other programs read them: small letters first, and http:// need not be written', () => {
    const { httpProxy, httpsProxy, noProxy } = readSurroundings({
      HTTP_PROXY: 'http://first.example:1',
      HTTPS_PROXY: 'second.example:2',
      https_proxy: 'third.example:3',
      NO_PROXY: 'a,b',
    });
    assert.deepEqual([httpProxy, httpsProxy, noProxy], ['http://first.example:1', 'http://third.example:3', 'a,b']);
    assert.equal(readSurroundings({ HTTPS_PROXY: 'x', https_proxy: '' }).httpsProxy, '', 'an empty one is none');
  });

  test('a proxy that is none is named without what may be secret', () => {
    for (const HTTPS_PROXY of ['ftp://me:secret@proxy', 'http://me:secret@:x'])
      assert.throws(
        () => readSurroundings({ HTTPS_PROXY }),
        (error: Error) => appError('SETTING_INVALID', 'HTTPS_PROXY')(error) && !error.message.includes('secret'),
      );
  });

  test('the cache of PyTorch is where PyTorch has it', () => {
    const at = (environment: NodeJS.ProcessEnv) => readSurroundings(environment).torchCheckpoints;
    assert.equal(at({ TORCH_HOME: '/t', XDG_CACHE_HOME: '/c' }), path.join('/t/hub/checkpoints'));
    assert.equal(at({ XDG_CACHE_HOME: '/c' }), path.join('/c/torch/hub/checkpoints'));
    assert.equal(at({}), path.join(os.homedir(), '.cache/torch/hub/checkpoints'));
    assert.equal(at({ TORCH_HOME: '~/t' }), path.join(os.homedir(), 't/hub/checkpoints'));
  });
});
