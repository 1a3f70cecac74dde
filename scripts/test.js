/**
 * `npm test`: compiles the tests and runs them with Node's test runner.
 * `npm test -- unit` takes one folder; `npm test -- unit/image/decode` one file; `--coverage` reports coverage.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const compiled = path.join(root, 'build', 'tests');
const coverage = process.argv.includes('--coverage');
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));

rmSync(compiled, { recursive: true, force: true });
run([tool('typescript/bin/tsc'), '--project', 'tests/tsconfig.json']);

const files = readdirSync(compiled, { recursive: true })
  .filter((file) => file.endsWith('.test.js'))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.startsWith(path.normalize(part))))
  .map((file) => path.join(compiled, file))
  .sort();
if (files.length === 0) {
  process.stderr.write(`No test matches ${wanted.join(' ')}.\n`);
  process.exit(1);
}
const measure = coverage ? [tool('c8/bin/c8.js'), '--include', 'dist/**', '--reporter', 'text'] : [];
run([
  ...measure,
  ...(coverage ? [process.execPath] : []),
  '--test',
  // Twice the cores of the machine that this has to pass on: nearly half the time of many files is waiting.
  '--test-concurrency=4',
  '--test-reporter=spec',
  ...files,
]);

function tool(name) {
  return path.join(root, 'node_modules', name);
}

function run(args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
