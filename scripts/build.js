/** Builds `dist/`: the resampling kernel (AssemblyScript to WebAssembly), the TypeScript sources, and the page. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const stamp = path.join(root, 'dist', '.built');
const inputs = ['src', 'scripts/build.js', 'tsconfig.json', 'package-lock.json'];

if (process.argv.includes('--if-needed') && isFresh()) process.exit(0);

const started = performance.now();
rmSync(path.join(root, 'dist'), { recursive: true, force: true });
mkdirSync(path.join(root, 'dist/image/resample'), { recursive: true });
run('assemblyscript/bin/asc.js', [
  'src/image/resample/assembly/kernel.ts',
  ...['--optimize', '-O3', '--enable', 'simd', '--runtime', 'stub', '--noAssert'],
  ...['--outFile', 'dist/image/resample/kernel.wasm'],
]);
run('typescript/bin/tsc', ['--project', 'tsconfig.json']);
run('typescript/bin/tsc', ['--project', 'src/web/tsconfig.json']);
for (const file of readdirSync(path.join(root, 'src/web')).filter((name) => /\.(html|css|svg)$/.test(name)))
  cpSync(path.join(root, 'src/web', file), path.join(root, 'dist/web', file));
for (const file of readdirSync(path.join(root, 'src/models/export')).filter((name) => name.endsWith('.py')))
  cpSync(path.join(root, 'src/models/export', file), path.join(root, 'dist/models/export', file));
writeFileSync(stamp, '');
process.stderr.write(`built dist/ in ${((performance.now() - started) / 1000).toFixed(1)} s\n`);

function run(tool, args) {
  try {
    execFileSync(process.execPath, [path.join(root, 'node_modules', tool), ...args], { cwd: root, stdio: 'inherit' });
  } catch {
    process.stderr.write(`The build failed in ${tool}; its messages are above.\n`);
    process.exit(1);
  }
}

function isFresh() {
  if (!existsSync(stamp)) return false;
  const builtAt = statSync(stamp).mtimeMs;
  return inputs.every((input) => newest(path.join(root, input)) <= builtAt);
}

function newest(file) {
  const stats = statSync(file);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(file).map((name) => newest(path.join(file, name))));
}
