/** What some tests need and not every machine has: such a test is skipped and says why, but with CI=true it fails. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { project } from './paths.js';

/** Reference pictures and answers that may not be part of the repository; see CONTRIBUTING.md. */
export const shared = path.join(project, '../shared');

/** For a test's `skip` option: false if the shared material is there, else the reason. */
export function withoutShared(): string | false {
  return missing(
    'the shared test material (a folder "shared" beside the project)',
    existsSync(path.join(shared, 'golden')),
  );
}

function missing(what: string, present: boolean): string | false {
  if (present) return false;
  if (process.env.CI === 'true') throw new Error(`CI needs ${what}.`);
  return `needs ${what}`;
}

/** False if there is the program that makes terminals; other systems have another one of that name. */
export function withoutTerminals(): string | false {
  return missing("util-linux's program script", process.platform === 'linux' && existsSync('/usr/bin/script'));
}

/** False if HEIC pictures can be decoded; the package is optional. */
export function withoutHeic(): string | false {
  return missing('the optional package libheif-js', existsSync(path.join(project, 'node_modules/libheif-js')));
}

/** False if a program can be run. */
export function withoutCommand(name: string): string | false {
  return missing(`the program ${name}`, spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined);
}

/** False if file systems can be mounted, which takes root and the right to. */
export function withoutMounts(): string | false {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'kaiyan-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', folder]).status === 0;
  if (mounted) spawnSync('umount', [folder]);
  rmdirSync(folder);
  return !mounted && 'needs the right to mount a small file system';
}

/** Debian's Chromium, which tests of the page drive. */
export const chromium = '/usr/bin/chromium';

/** False if there is a browser. */
export function withoutChromium(): string | false {
  return missing(`the browser ${chromium}`, existsSync(chromium));
}

/** A Python to compare with; CONTRIBUTING.md says how to make one that has what is needed. */
export const python = absolute(process.env.PYTHON ?? 'python3');

/** A name is looked for on the path; what is a path stays the same in every folder. */
function absolute(program: string): string {
  return program.includes('/') ? path.resolve(program) : program;
}

/** False if there is a Python with these modules. */
export function withoutPython(...modules: readonly string[]): string | false {
  const { status } = spawnSync(python, ['-c', `import ${modules.join(', ')}`], { stdio: 'ignore' });
  return missing(`a Python with ${modules.join(', ')} (the variable PYTHON)`, status === 0);
}

/** Before this one it knew only signatures of its own library. */
const MOTO = '5.2.5';

/** False if there is a Python with a moto that speaks S3 to any client. */
export function withoutMoto(): string | false {
  const check = `import boto3, moto.server; assert [*map(int, moto.__version__.split('.')[:3])] >= [${MOTO.replaceAll('.', ', ')}]`;
  const { status } = spawnSync(python, ['-c', check], { stdio: 'ignore' });
  return missing(`a Python with moto[server] ${MOTO} or newer (the variable PYTHON)`, status === 0);
}
