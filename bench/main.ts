/** `npm run bench`: its command line, Ctrl-C and exit status. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { HELP, type Options, parseOptions } from './options.js';
import { inWords } from './report.js';
import { runRounds } from './rounds.js';

const options = readOptions();
if (options) await main(options);

function readOptions(): Options | undefined {
  try {
    const parsed = parseOptions(process.argv.slice(2));
    if (!parsed) process.stdout.write(HELP);
    return parsed;
  } catch (error) {
    process.stderr.write(`${(error as Error).message} See npm run bench -- --help.\n`);
    process.exitCode = 2;
    return undefined;
  }
}

async function main(chosen: Options): Promise<void> {
  const interrupt = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interrupt.abort());
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'kaiyan-bench-'));
  try {
    if (process.platform !== 'linux') throw new Error('This benchmark needs Linux: it reads CPU times from /proc.');
    const report = await runRounds(chosen, { scratch, signal: interrupt.signal, onProgress: showProgress });
    showProgress('');
    process.stdout.write(`${chosen.json ? JSON.stringify(report, null, 2) : inWords(report)}\n`);
    if (report.figures.some(({ errors }) => Object.keys(errors).length > 0)) process.exitCode = 1;
  } catch (error) {
    showProgress('');
    if (!interrupt.signal.aborted) process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = interrupt.signal.aborted ? 130 : 1;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** One line on stderr that is written over again and again, if a person is looking. */
function showProgress(stage: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${stage}`);
}
