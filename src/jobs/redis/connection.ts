/** Connections to Redis: what is asked waits a bounded time while it is away, and nothing tells its password. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { AppError } from '../../errors.js';
import { NOTICES } from './scripts/shared.js';
import { type ScriptName, scripts } from './scripts.js';

export interface Connection {
  readonly client: Redis;
  /** Without user and password. */
  readonly address: string;
  /** Does it again while Redis is away, for a bounded time. @throws AppError QUEUE_UNAVAILABLE */
  readonly ask: <Result>(operation: () => Promise<Result>) => Promise<Result>;
  readonly run: (script: ScriptName, ...values: readonly (string | number)[]) => Promise<unknown>;
  /** Tells everybody that there is news of a job. */
  readonly tell: (job: string) => void;
  /** Calls the listener for each job of which there is news. */
  readonly listen: (listener: (job: string) => void) => Promise<void>;
  readonly close: () => void;
}

/** What ioredis says without a connection, or when one ends. */
const UNCONNECTED =
  /^(Connection is closed|Stream isn't writeable|Command timed out|Socket timeout|Reached the max retries|it does not answer)/;

/** What Redis says when waiting does not help. */
const REFUSED = /^(NOAUTH|WRONGPASS|NOPERM|ERR AUTH|ERR invalid password|ERR DB index)/;

/** What Redis says when it cannot work just now, or not any more. */
const AWAY = /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MISCONF|OOM|NOREPLICAS|BUSY)\b/;
const RETRY_MS = 100;

/**
 * @param prefix the first part of every key, which keeps two installations on one Redis apart
 * @param patienceMs so long an operation waits for a Redis that is away
 * @throws AppError QUEUE_UNAVAILABLE
 */
export async function connect(url: string, prefix: string, patienceMs: number): Promise<Connection> {
  const address = addressOf(url);
  // Commands fail at once without a connection, so that none is carried out after its sender has given up.
  const client = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: patienceMs,
    socketTimeout: patienceMs,
    retryStrategy: (times) => Math.min(times * 50, 1_000),
  });
  let problem = 'nothing answers there';
  let isRefused = false;
  client.on('error', (error: Error) => {
    problem = reasonOf(error) ?? problem;
    isRefused = REFUSED.test(error.message);
  });
  client.on('ready', () => {
    isRefused = false;
  });

  const unavailable = (error: Error) => {
    const reason = (UNCONNECTED.test(error.message) ? undefined : reasonOf(error)) ?? problem;
    return new AppError('QUEUE_UNAVAILABLE', { queue: address, reason });
  };

  /** What is thrown in the end; undefined if waiting may help. Errors of ioredis have the command, with names or a password. */
  function finalOf(error: unknown): unknown {
    if (!(error instanceof Error)) return error;
    if (isRefused || REFUSED.test(error.message)) return unavailable(error);
    return isAway(error) ? undefined : new Error(error.message);
  }

  async function ask<Result>(operation: () => Promise<Result>): Promise<Result> {
    const end = performance.now() + patienceMs;
    for (;;) {
      try {
        return await within(operation(), end - performance.now());
      } catch (error) {
        const final = finalOf(error);
        if (final !== undefined) throw final;
        if (performance.now() + RETRY_MS >= end || client.status === 'end') throw unavailable(error as Error);
        await sleep(RETRY_MS);
      }
    }
  }

  async function evaluate(name: ScriptName, values: readonly (string | number)[]): Promise<unknown> {
    const { hash, text } = scripts[name];
    try {
      return await client.evalsha(hash, 1, `${prefix}:`, ...values);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return await client.eval(text, 1, `${prefix}:`, ...values);
    }
  }

  const channel = `${prefix}:${NOTICES}`;
  let subscriber: Redis | undefined;
  async function listen(listener: (job: string) => void): Promise<void> {
    const further = client.duplicate({ lazyConnect: false });
    subscriber = further;
    further.on('error', () => undefined);
    further.on('message', (_, job: string) => listener(job));
    await ask(() => further.subscribe(channel));
  }

  client.connect().catch(() => undefined);
  const connection: Connection = {
    ...{ client, address, ask },
    run: (name, ...values) => ask(() => evaluate(name, values)),
    // One that is missed costs a second.
    tell: (job) => void client.publish(channel, job).catch(() => undefined),
    listen,
    close: () => {
      subscriber?.disconnect();
      client.disconnect();
    },
  };
  try {
    await ask(() => client.ping());
  } catch (error) {
    connection.close();
    throw error;
  }
  return connection;
}

/** @throws Error if it takes longer */
export async function within<Result>(work: Promise<Result>, ms: number): Promise<Result> {
  const timer = new AbortController();
  const late = sleep(Math.max(0, ms), undefined, { signal: timer.signal, ref: true }).then(() => {
    throw new Error('it does not answer');
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
    late.catch(() => undefined);
    work.catch(() => undefined);
  }
}

const isAway = (error: Error): boolean =>
  AWAY.test(error.message) || UNCONNECTED.test(error.message) || ('code' in error && 'syscall' in error);

function addressOf(url: string): string {
  const { protocol = '', host = '', pathname = '' } = URL.canParse(url) ? new URL(url) : {};
  if (/^rediss?:$/.test(protocol) && host !== '') return `${protocol}//${host}${pathname}`;
  // What it is instead may hold a password.
  const reason = 'the setting is not an address such as redis://HOST:PORT';
  throw new AppError('QUEUE_UNAVAILABLE', { queue: 'its address', reason });
}

/** Undefined for what says nothing more than that there is no connection. */
function reasonOf(error: Error): string | undefined {
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ECONNREFUSED') return 'nothing answers there (ECONNREFUSED)';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `that host is not known (${code})`;
  const message = error.message.replace(/\.$/, '');
  return message === '' || message === 'Connection is closed' ? undefined : `it says: ${message}`;
}
