/** Builds `dist/`: the resampling kernel (AssemblyScript to WebAssembly), the TypeScript sources, and the page. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const stamp = path.join(root, 'dist', '.built');
/** The modules of the page as they are, for tests; people get what Vite bundles. */
const pageModules = path.join(root, 'build', 'web');
const inputs = ['src', 'scripts/build.js', 'scripts/page', 'tsconfig.json', 'vite.config.js', 'package-lock.json'];

if (process.argv.includes('--if-needed') && isFresh()) process.exit(0);

const started = performance.now();
for (const made of [path.join(root, 'dist'), pageModules]) rmSync(made, { recursive: true, force: true });
mkdirSync(path.join(root, 'dist/image/resample'), { recursive: true });
run('assemblyscript/bin/asc.js', [
  'src/image/resample/assembly/kernel.ts',
  ...['--optimize', '-O3', '--enable', 'simd', '--runtime', 'stub', '--noAssert'],
  ...['--outFile', 'dist/image/resample/kernel.wasm'],
]);
run('typescript/bin/tsc', ['--project', 'tsconfig.json']);
run('typescript/bin/tsc', ['--project', 'src/web/tsconfig.json']);
run('typescript/bin/tsc', ['--project', 'src/web/service-worker/tsconfig.json']);
run('vite/bin/vite.js', ['build', '--config', 'vite.config.js', '--logLevel', 'warn']);
compress(path.join(root, 'dist/web'));
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

/** Once, and well, instead of anew for everyone who opens the page. */
function compress(folder) {
  const texts = readdirSync(folder, { recursive: true }).filter((file) =>
    /\.(js|css|html|md|svg|webmanifest)$/.test(file),
  );
  for (const file of texts.map((name) => path.join(folder, name))) {
    const bytes = readFileSync(file);
    const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params }));
    writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
  }
}

function isFresh() {
  if (!existsSync(stamp) || !existsSync(pageModules)) return false;
  const builtAt = statSync(stamp).mtimeMs;
  return inputs.every((input) => newest(path.join(root, input)) <= builtAt);
}

function newest(file) {
  const stats = statSync(file);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(file).map((name) => newest(path.join(file, name))));
}
