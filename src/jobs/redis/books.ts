/** What is in the books: jobs from their first picture to their end, and what became of each picture. */
import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { AppError } from '../../errors.js';
import type { Item, Job, NewItem } from '../job.js';
import type { ItemsOptions, JobStore, ListOptions, NewJob, StoreLoad } from '../store.js';
import type { Connection } from './connection.js';
import {
  itemOf,
  jobAndTicketsReply,
  jobOf,
  jobsReply,
  lettersOf,
  lineOf,
  oneJobReply,
  rowsReply,
  textsReply,
} from './replies.js';
import type { ScriptName } from './scripts.js';
import type { Tickets } from './tickets.js';

export type Books = Omit<JobStore, 'take' | 'record' | 'giveBack' | 'watch' | 'close'> & {
  /** Keeps the jobs that are received here from being taken for those of a sender that is gone. */
  readonly touch: () => Promise<void>;
  /** Ends what was being received. */
  readonly leave: () => Promise<void>;
};

/** Sent to Redis at once, or looked at by one command: so that none takes long while others wait. */
const ADDED = 500;
const LOOKED_AT = 2_000;
const READ = 500;

/** So long one who may deliver a webhook has it for himself. */
const DELIVERY_MS = 60_000;

export function createBooks({ run, tell }: Connection, tickets: Pick<Tickets, 'add'>): Books {
  const receiving = new Set<string>();

  async function create({ options, expiresAt, idempotencyKey = '', fingerprint = '' }: NewJob) {
    const values = [randomUUID(), JSON.stringify(options), options.webhook ?? '', expiresAt];
    const reply = await run('create', ...values, idempotencyKey, fingerprint);
    const [id, found] = v.parse(v.tuple([v.string(), v.string()]), reply);
    if (found === 'used') throw conflict('this one was used for another request');
    if (found === 'receiving') throw conflict('the request with this one is still being received');
    if (found === 'new') receiving.add(id);
    return { id, existing: found === 'existing' };
  }

  async function add(id: string, items: readonly NewItem[]): Promise<void> {
    for (let from = 0; from < items.length; from += ADDED) {
      const values = items
        .slice(from, from + ADDED)
        .flatMap((item) => [
          ...[lineOf(item), 'sha256' in item ? item.sha256 : '', 'bytes' in item ? item.bytes : 0],
          'error' in item ? JSON.stringify(item.error) : '',
        ]);
      if ((await run('add', id, randomUUID(), ...values)) === 0) throw notFound(id);
    }
  }

  /** For scripts that answer with the job and with tickets to queue. */
  async function set(script: ScriptName, id: string): Promise<Job> {
    const reply = v.parse(jobAndTicketsReply, await run(script, id));
    if (!reply) throw notFound(id);
    await tickets.add(reply[1]);
    tell(id);
    return jobOf(reply[0]);
  }

  async function submit(id: string): Promise<Job> {
    const job = await set('submit', id);
    receiving.delete(id);
    return job;
  }

  async function prolongAnswers(id: string): Promise<void> {
    for (let next = 0; next >= 0; ) next = v.parse(v.number(), await run('prolong', id, next, LOOKED_AT));
  }

  async function expired(limit: number): Promise<string[]> {
    const [ids, kept] = v.parse(v.tuple([textsReply, textsReply]), await run('expired', limit));
    for (const id of kept) await prolongAnswers(id);
    return ids as string[];
  }

  async function retry(id: string): Promise<Job> {
    const job = await set('retry', id);
    await prolongAnswers(id);
    return job;
  }

  async function one(script: ScriptName, id: string): Promise<Job> {
    const reply = v.parse(oneJobReply, await run(script, id));
    if (!reply) throw notFound(id);
    return jobOf(reply);
  }

  async function list({ state, after, limit }: ListOptions) {
    const reply = v.parse(jobsReply, await run('list', state ?? '', after ?? '', limit));
    if (!reply) throw notFound(after ?? '');
    return reply.map(jobOf);
  }

  /** Calls a script that reads a part and says where to go on, until there is enough. */
  async function read(
    id: string,
    from: number,
    limit: number,
    script: 'items' | 'outcomes',
    letters: readonly string[],
  ) {
    const found: Item[] = [];
    for (let next = from; next >= 0 && found.length < limit; ) {
      const wanted = Math.min(READ, limit - found.length);
      const reply = v.parse(rowsReply, await run(script, id, ...letters, next, wanted, LOOKED_AT));
      if (!reply) throw notFound(id);
      next = reply[0];
      found.push(...reply[1].map(itemOf));
    }
    return found;
  }

  const items = (id: string, { states, from, limit }: ItemsOptions) =>
    read(id, from, limit, 'items', [lettersOf(states ?? ['waiting', 'answered', 'failed', 'canceled'])]);

  async function remove(id: string): Promise<void> {
    receiving.delete(id);
    if ((await run('delete', id)) === 0) throw notFound(id);
  }

  async function answers(keys: readonly string[]) {
    const texts = keys.length === 0 ? [] : v.parse(textsReply, await run('answers', ...keys));
    return new Map(keys.flatMap((key, i) => (texts[i] ? [[key, JSON.parse(texts[i])] as const] : [])));
  }

  async function takeWebhook() {
    const reply = v.nullable(v.tuple([v.string(), v.string(), v.number()]));
    const due = v.parse(reply, await run('takeWebhook', DELIVERY_MS));
    return due ? { job: due[0], address: due[1], attempts: due[2] } : undefined;
  }

  async function load(): Promise<StoreLoad> {
    const count = v.number();
    const states = v.tuple([count, count, count, count, count]);
    const [waiting, oldest, bytes, counts] = v.parse(v.tuple([count, v.string(), count, states]), await run('load'));
    const [pending, in_progress, completed, failed, canceled] = counts;
    return {
      ...{ waiting, bytes, oldest: oldest === '' ? undefined : Number(oldest) },
      jobs: { pending, in_progress, completed, failed, canceled },
    };
  }

  return {
    ...{ create, add, submit, retry, list, items, delete: remove, answers, takeWebhook, load, expired },
    get: (id) => one('get', id),
    cancel: (id) => one('cancel', id),
    outcomes: (id, after, limit) => read(id, Math.max(0, after), limit, 'outcomes', []),
    postponeWebhook: async (id, nextAt) => void (await run('postponeWebhook', id, nextAt ?? '')),
    known: async (ids) => new Set(v.parse(textsReply, await run('known', ...ids))),
    touch: async () => {
      if (receiving.size > 0) await run('touch', ...receiving);
    },
    leave: async () => {
      await Promise.all([...receiving].map((id) => run('delete', id)));
    },
  };
}

const notFound = (id: string) => new AppError('JOB_NOT_FOUND', { id });
const conflict = (reason: string) => new AppError('IDEMPOTENCY_CONFLICT', { reason });
