/** A real Redis, with what it keeps in a folder of the test: it can be killed and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { Redis } from 'ioredis';
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

type RedisSettings = Readonly<Record<string, string>>;

/** One for a test; what is handed to its `after` is done before it ends. */
export async function startRedis(
  t: TestContext,
  settings: RedisSettings = {},
): Promise<RedisServer & Pick<TestContext, 'after'>> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'kaiyan-test-redis-'));
  const redis = await startRedisIn(folder, settings);
  const ends: Parameters<TestContext['after']>[0][] = [];
  t.after(async () => {
    await Promise.all(ends.map((end) => end?.(t, () => undefined)));
    await redis.kill();
    await rm(folder, { recursive: true });
  });
  return { ...redis, after: (end) => void ends.push(end) };
}

/** Keeps what it is given as Kaiyan wants it, unless the settings say something else. */
export async function startRedisIn(folder: string, settings: RedisSettings = {}): Promise<RedisServer> {
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

  const answers = () =>
    run('DBSIZE').then(
      () => true,
      () => false,
    );

  async function start(): Promise<void> {
    child = spawn('redis-server', args, { stdio: 'ignore' });
    // While it reads what it has kept, it answers with an error.
    await until('Redis answers', answers, 30_000);
  }

  async function kill(): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

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
