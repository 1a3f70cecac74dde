/** A real Redis, with what it keeps in a folder of the test: it can be killed and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { TestContext } from 'node:test';
import { Redis } from 'ioredis';
import { temporaryFolder } from './folders.js';
import { until } from './timing.js';

export interface RedisServer {
  readonly url: string;
  /** Ends it without a word. */
  readonly kill: () => Promise<void>;
  /** Starts it again with what it has kept. */
  readonly start: () => Promise<void>;
  /** Stops it for a while, as a machine does that has no memory left, until it gets SIGCONT. */
  readonly signal: (signal: NodeJS.Signals) => void;
  /** What it answers to a command. */
  readonly run: (command: string, ...values: readonly string[]) => Promise<unknown>;
}

/** Keeps what it is given as Kaiyan wants it, unless the settings say something else. */
export async function startRedis(
  t: Pick<TestContext, 'after'>,
  settings: Readonly<Record<string, string>> = {},
): Promise<RedisServer> {
  const folder = `${await temporaryFolder(t)}/redis`;
  await mkdir(folder);
  const port = await freePort();
  const all = {
    ...{ port: String(port), bind: '127.0.0.1', dir: folder, save: '', appendonly: 'yes' },
    ...{ appendfsync: 'everysec', 'maxmemory-policy': 'noeviction', ...settings },
  };
  const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
  let child: ChildProcess | undefined;

  async function run(command: string, ...values: readonly string[]): Promise<unknown> {
    const client = new Redis({
      port,
      password: settings.requirepass ?? '',
      lazyConnect: true,
      retryStrategy: () => null,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await client.call(command, ...values);
    } finally {
      client.disconnect();
    }
  }

  async function start(): Promise<void> {
    child = spawn('redis-server', args, { stdio: 'ignore' });
    // It says so itself while it reads what it has kept.
    await until(
      'Redis answers',
      () =>
        run('DBSIZE').then(
          () => true,
          () => false,
        ),
      30_000,
    );
  }

  async function kill(): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  t.after(kill);
  await start();
  return { url: `redis://127.0.0.1:${port}`, kill, start, run, signal: (signal) => child?.kill(signal) };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}
