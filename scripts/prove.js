/**
 * `npm run prove`: the long proofs. Alone it lists them; `npm run prove -- NAME` runs one, `all` runs every one.
 * `--short` takes a minute or less for each, some at a time where they do not disturb each other; `--seed N` changes what is drawn by chance.
 * Proofs run with the settings of memory that the command has: those of `bin/kaiyan.js`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const proofs = readdirSync(path.join(root, 'proofs'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => path.basename(file, '.ts'))
  .sort();

/** One more than there are cores, because some wait more than they work. */
const LANES = availableParallelism() + 1;

/** These take longest, and begin first, so that no lane is left alone with one of them. */
const LONGEST = ['training', 'quantization', 'fine-tuning', 'labels'];

/** In their short form, too, these put the machine under load, or look at memory or at what is over in time: others beside them would spoil it. */
const ALONE = ['interrupts', 'memory', 'overload', 'service-memory', 'shutdown', 'slow-clients', 'swap'];

const { wanted, flags } = readCommandLine();
if (wanted.length === 0) {
  for (const name of proofs) process.stdout.write(`${name.padEnd(15)} ${purpose(name)}\n`);
} else {
  await compile();
  const { environment, nodeFlags } = readCommandSettings();
  const proveOne = (name) =>
    run([...nodeFlags, path.join('build/proofs/proofs', `${name}.js`), ...flags], name, environment);
  const isShort = flags.includes('--short');
  const together = wanted.filter((name) => isShort && !ALONE.includes(name));
  together.sort((a, b) => LONGEST.includes(b) - LONGEST.includes(a));
  const results = await inLanes(LANES, together, proveOne);
  for (const name of wanted.filter((one) => !together.includes(one))) results.push(await proveOne(name));
  process.exitCode = results.includes(false) ? 1 : 0;
}

/** One after the other in each lane. */
async function inLanes(lanes, names, work) {
  const waiting = [...names];
  const results = [];
  async function lane() {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) results.push(await work(name));
  }
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

function readCommandLine() {
  const options = { short: { type: 'boolean' }, seed: { type: 'string' } };
  try {
    const { positionals, values } = parseArgs({ options, allowPositionals: true });
    const unknown = positionals.find((name) => name !== 'all' && !proofs.includes(name));
    if (unknown) throw new Error(`There is no proof "${unknown}"; there are ${proofs.join(', ')}, and all.`);
    const chosen = positionals.includes('all') ? proofs : positionals;
    return {
      wanted: chosen,
      flags: [values.short && '--short', values.seed && `--seed=${values.seed}`].filter(Boolean),
    };
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}

/** The sentence at the top of a proof. */
function purpose(name) {
  const [, comment] = /^\/\*\*(.*?)\*\//s.exec(readFileSync(path.join(root, 'proofs', `${name}.ts`), 'utf8')) ?? [];
  return (comment ?? '').replace(/\s*\n \* ?/g, ' ').trim();
}

async function compile() {
  rmSync(path.join(root, 'build/proofs'), { recursive: true, force: true });
  if (!(await run(['node_modules/typescript/bin/tsc', '--project', 'proofs/tsconfig.json'], 'the compiler')))
    process.exit(1);
}

function readCommandSettings() {
  const [firstLine] = readFileSync(path.join(root, 'bin/kaiyan.js'), 'utf8').split('\n');
  const words = firstLine.split(' ').slice(1);
  const variables = words.filter((word) => /^[A-Z_]+=/.test(word)).map((word) => word.split('='));
  const threads = ['UV_THREADPOOL_SIZE', String(Math.max(2, availableParallelism()))];
  return {
    environment: Object.fromEntries([...variables, threads]),
    nodeFlags: words.filter((word) => word.startsWith('--')),
  };
}

async function run(args, name, environment = {}) {
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: 'inherit' });
  const [status, signal] = await once(child, 'exit');
  if (signal) process.stderr.write(`${name}: ended by ${signal}\n`);
  return status === 0;
}
