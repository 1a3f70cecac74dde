/**
 * `npm run check`: types, style and layers, unused code. All are run, so that one report shows everything.
 * The build checks the types of the sources, and comes first because tests, proofs and the benchmark import what it makes.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const checks = [
  ['build', 'scripts/build.js', '--if-needed'],
  ['types of the tests', 'node_modules/typescript/bin/tsc', '--project', 'tests/tsconfig.json', '--noEmit'],
  ['types of the proofs', 'node_modules/typescript/bin/tsc', '--project', 'proofs/tsconfig.json', '--noEmit'],
  ['types of the benchmark', 'node_modules/typescript/bin/tsc', '--project', 'bench/tsconfig.json', '--noEmit'],
  ['style and layers', 'node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'],
  ['unused code', 'node_modules/knip/bin/knip.js'],
];

const failed = checks.filter(([name, tool, ...args]) => {
  process.stderr.write(`— ${name}\n`);
  const options = { cwd: root, stdio: 'inherit' };
  return spawnSync(process.execPath, [path.join(root, tool), ...args], options).status !== 0;
});
if (failed.length > 0) process.stderr.write(`failed: ${failed.map(([name]) => name).join(', ')}\n`);
process.exitCode = failed.length > 0 ? 1 : 0;
