/** Who is measured: Kaiyan as its users start it, and the baseline. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { command, project } from '../tests/support/paths.js';
import type { Options } from './options.js';
import type { Command } from './processes.js';

/** Debian's own Python, for which it has PyTorch and Flask. */
const PYTHON = '/usr/bin/python3';
const MODULES = ['torch', 'torchvision', 'flask', 'PIL'];

/** The executable itself: its first line sets what bounds memory. */
export const kaiyan = (...args: readonly string[]): Command => ({ file: command, args });

/**
 * The precision is the one that Kaiyan would take, but given: a service that has not decided yet would measure both in
 * the middle of the benchmark.
 */
export const kaiyanService = (precision: string): Command => kaiyan('serve', '--port', '0', '--precision', precision);

export function baselineService({ weights, baselineThreads }: Options): Command {
  const args = [
    path.join(project, 'bench/baseline/server.py'),
    '--port=0',
    ...(weights === undefined ? [] : [`--weights=${weights}`]),
    ...(baselineThreads === undefined ? [] : [`--threads=${baselineThreads}`]),
  ];
  return { file: PYTHON, args };
}

/** What the baseline needs and this machine does not have; undefined if it can run. */
export function missingForBaseline(): string | undefined {
  const search = `import importlib.util as u; print(*(m for m in ${JSON.stringify(MODULES)} if not u.find_spec(m)))`;
  const { status, stdout } = spawnSync(PYTHON, ['-c', search], { encoding: 'utf8' });
  if (status !== 0) return PYTHON;
  const missing = stdout.trim().split(' ').filter(Boolean);
  return missing.length > 0 ? `${PYTHON} with ${missing.join(', ')}` : undefined;
}
