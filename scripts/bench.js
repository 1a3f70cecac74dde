/**
 * `npm run bench`: compiles the benchmark of the service and runs it in this process, which so gets Ctrl-C itself.
 * `npm run bench -- --help` shows its flags.
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);
rmSync('build/bench', { recursive: true, force: true });
const compiler = ['node_modules/typescript/bin/tsc', '--project', 'bench/tsconfig.json'];
const { status } = spawnSync(process.execPath, compiler, { stdio: 'inherit' });
if (status === 0) await import('../build/bench/bench/main.js');
else process.exitCode = 1;
