/** Processes of the benchmark: servers that run until they are stopped, and programs that give JSON. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Server {
  readonly pid: number;
  readonly port: number;
  /** The first line that it said. */
  readonly greeting: string;
  readonly stop: () => Promise<void>;
}

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

const MOST_START_MS = 60_000;
const GRACE_MS = 10_000;
const ADDRESS = /http:\/\/[\w.:[\]]+/;

/**
 * Starts a server and waits until it answers; `log` is where its stderr goes. That is a file, because somebody would
 * have to spend CPU time on reading a pipe.
 * @throws Error if it ends first, or does not answer in time
 */
export async function startServer({ file, args }: Command, log: string, signal: AbortSignal): Promise<Server> {
  const stderr = openSync(log, 'w');
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', stderr] });
  closeSync(stderr);
  const stop = () => end(child);
  let spawnError = '';
  child.on('error', (error) => {
    spawnError = error.message;
  });
  const lateMs = performance.now() + MOST_START_MS;
  try {
    for (;;) {
      signal.throwIfAborted();
      const said = readFileSync(log, 'utf8');
      const address = ADDRESS.exec(said)?.[0];
      if (address && (await answers(address))) {
        const [greeting = ''] = said.split('\n');
        return { pid: child.pid as number, port: Number(new URL(address).port), greeting, stop };
      }
      if (spawnError || hasEnded(child) || performance.now() > lateMs)
        throw new Error(`${file} does not answer: ${spawnError || said.trim().slice(-2000) || 'it said nothing'}`);
      await sleep(50);
    }
  } catch (error) {
    await stop();
    throw error;
  }
}

const answers = (address: string): Promise<boolean> =>
  fetch(`${address}/health`, { headers: { connection: 'close' } }).then(
    ({ ok }) => ok,
    () => false,
  );

const hasEnded = ({ pid, exitCode, signalCode }: ChildProcess) =>
  pid === undefined || exitCode !== null || signalCode !== null;

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, 'exit');
  const overdue = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  child.kill('SIGTERM');
  await ended;
  clearTimeout(overdue);
}

/** @throws Error if it fails, with what it said */
export async function runForJson<Result>({ file, args }: Command, signal: AbortSignal): Promise<Result> {
  signal.throwIfAborted();
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const interrupt = () => child.kill('SIGINT');
  signal.addEventListener('abort', interrupt);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [status] = await once(child, 'close');
  signal.removeEventListener('abort', interrupt);
  signal.throwIfAborted();
  if (status !== 0) throw new Error(`${file} ${args[0]} ended with ${status}: ${stderr.trim().slice(-2000)}`);
  return JSON.parse(stdout) as Result;
}
