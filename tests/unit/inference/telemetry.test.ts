import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { project } from '../../support/paths.js';

/** Modules are run in the order of their imports, and the runtime looks at the environment when it is loaded. */
test('every module that loads the runtime turns its telemetry off first', async () => {
  const source = path.join(project, 'src');
  const files = (await readdir(source, { recursive: true })).filter((file) => file.endsWith('.ts'));
  const loading: string[] = [];
  for (const file of files) {
    const imports = (await readFile(path.join(source, file), 'utf8')).match(/^import (?!type ).*$/gm) ?? [];
    if (!imports.some((line) => line.endsWith("from 'onnxruntime-node';"))) continue;
    loading.push(file);
    assert.equal(imports[0], "import './telemetry.js';", file);
  }
  assert.ok(loading.includes(path.join('inference', 'session.ts')), 'the search finds what there is');
});
