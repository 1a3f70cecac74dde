/** What is in the books: jobs from their first picture to their end, and what became of each picture. */
import { randomUUID } from 'node:crypto';
import { AppError } from '../../errors.js';
import { type Item, isEnded, type Job, type NewItem } from '../job.js';
import type { ItemsOptions, ListOptions, NewJob, StoreLoad, Webhook } from '../store.js';
import type { Database } from './database.js';
import { bytesOf, itemOf, jobOf } from './rows.js';
import type { Runner } from './runners.js';
import { ITEM } from './schema.js';

const VISIBLE = "state NOT IN ('receiving', 'deleted')";
const OPEN = "state IN ('pending', 'in_progress')";

/** So long one who may deliver a webhook has it for himself. */
const DELIVERY_MS = 60_000;

/** Kept a little longer than they are used, for a job that has expired in the middle and is about to be prolonged. */
const ANSWER_GRACE_MS = 3_600_000;

export interface Books {
  readonly create: (job: NewJob) => { readonly id: string; readonly existing: boolean };
  readonly add: (id: string, items: readonly NewItem[]) => void;
  readonly submit: (id: string) => Job;
  readonly get: (id: string) => Job;
  readonly list: (options: ListOptions) => Job[];
  readonly items: (id: string, options: ItemsOptions) => Item[];
  readonly outcomes: (id: string, after: number, limit: number) => Item[];
  readonly cancel: (id: string) => Job;
  readonly retry: (id: string) => Job;
  readonly delete: (id: string) => void;
  readonly takeWebhook: () => Webhook | undefined;
  readonly postponeWebhook: (id: string, nextAt: number | undefined) => void;
  readonly expired: (limit: number) => string[];
  readonly known: (ids: readonly string[]) => ReadonlySet<string>;
  readonly load: () => StoreLoad;
  /** Removes what belongs to nothing any more, a part of it at a time; whether there is more. */
  readonly purge: () => boolean;
}

export function createBooks(database: Database, runner: Runner, now: () => number): Books {
  const { all, get, run } = database;

  const rowOf = (id: string, condition: string) => get(`SELECT * FROM jobs WHERE id = ? AND ${condition}`, id);

  function find(id: string, condition = VISIBLE) {
    const row = rowOf(id, condition);
    if (!row) throw new AppError('JOB_NOT_FOUND', { id });
    return row;
  }

  function create({ options, expiresAt, ...given }: NewJob) {
    const idempotencyKey = given.idempotencyKey ?? null;
    const fingerprint = given.fingerprint ?? null;
    const known =
      idempotencyKey === null ? undefined : get('SELECT * FROM jobs WHERE idempotency_key = ?', idempotencyKey);
    if (known) {
      if (known.fingerprint !== fingerprint) throw conflict('this one was used for another request');
      if (known.state === 'receiving') throw conflict('the request with this one is still being received');
      return { id: String(known.id), existing: true };
    }
    const id = randomUUID();
    run(
      `INSERT INTO jobs (id, state, options, receiver, created_at, keeps, expires_at, idempotency_key, fingerprint)
       VALUES (?, 'receiving', ?, ?, ?, ?, ?, ?, ?)`,
      ...[id, JSON.stringify(options), runner.number, now(), expiresAt - now(), expiresAt, idempotencyKey, fingerprint],
    );
    return { id, existing: false };
  }

  function add(id: string, items: readonly NewItem[]): void {
    const job = find(id, "state = 'receiving'");
    const number = Number(job.number);
    let [item, failed, bytes] = [Number(job.total), Number(job.failed), 0];
    for (const entry of items) {
      if ('error' in entry) failed += 1;
      bytes += insert(number, item, entry, failed);
      item += 1;
    }
    run(
      'UPDATE jobs SET total = ?, failed = ?, recorded = ?, bytes = bytes + ? WHERE number = ?',
      ...[item, failed, failed, bytes, number],
    );
  }

  /** The bytes that its picture adds. */
  function insert(job: number, item: number, entry: NewItem, sequence: number): number {
    if ('error' in entry) {
      const { code, error } = entry.error;
      const values = [job, item, entry.name, ITEM.failed, sequence, code, error];
      run('INSERT INTO items (job, item, name, state, sequence, code, error) VALUES (?, ?, ?, ?, ?, ?, ?)', ...values);
      return 0;
    }
    if ('path' in entry) {
      const values = [job, item, entry.name, entry.path, ITEM.waiting];
      run('INSERT INTO items (job, item, name, path, state) VALUES (?, ?, ?, ?, ?)', ...values);
      return 0;
    }
    const sha256 = bytesOf(entry.sha256);
    const isKnown = get('SELECT 1 AS known FROM items WHERE job = ? AND sha256 = ? LIMIT 1', job, sha256) !== undefined;
    const values = [job, item, entry.name, sha256, entry.bytes, isKnown ? ITEM.follower : ITEM.waiting];
    run('INSERT INTO items (job, item, name, sha256, bytes, state) VALUES (?, ?, ?, ?, ?, ?)', ...values);
    return isKnown ? 0 : entry.bytes;
  }

  function submit(id: string): Job {
    const { number, total, failed } = find(id, "state = 'receiving'");
    const isOver = total === failed;
    run(
      'UPDATE jobs SET state = ?, receiver = NULL, ended_at = ? WHERE number = ?',
      ...[isOver ? 'failed' : 'pending', isOver ? now() : null, Number(number)],
    );
    if (isOver) announceEnd(Number(number));
    return jobOf(find(id));
  }

  function announceEnd(job: number): void {
    run(
      "UPDATE jobs SET webhook_at = ?, webhook_attempts = 0 WHERE number = ? AND options ->> 'webhook' IS NOT NULL",
      ...[now(), job],
    );
  }

  function list({ state, after, limit }: ListOptions): Job[] {
    const before = after === undefined ? Number.MAX_SAFE_INTEGER : Number(find(after).number);
    const condition = state === undefined ? VISIBLE : 'state = ?';
    const chosen = state === undefined ? [] : [state];
    const sql = `SELECT * FROM jobs WHERE ${condition} AND number < ? ORDER BY number DESC LIMIT ?`;
    return all(sql, ...chosen, before, limit).map(jobOf);
  }

  const itemsFrom = (items: string) =>
    `SELECT items.*, answers.answer AS kept FROM ${items} LEFT JOIN answers ON answers.number = items.answer`;

  function items(id: string, { states, from, limit }: ItemsOptions): Item[] {
    const job = find(id);
    const { state } = jobOf(job);
    const wanted = new Set<number>();
    for (const name of states ?? (['waiting', 'answered', 'failed', 'canceled'] as const)) {
      if (name === 'answered' || name === 'failed') wanted.add(ITEM[name]);
      else if ((name === 'canceled') === (state === 'canceled'))
        for (const undone of [ITEM.waiting, ITEM.inHand, ITEM.follower]) wanted.add(undone);
    }
    const sql = `${itemsFrom('items')} WHERE job = ? AND item >= ? AND items.state IN (${[...wanted].join(', ')}) ORDER BY item LIMIT ?`;
    return all(sql, Number(job.number), from, limit).map((row) => itemOf(row, state));
  }

  function outcomes(id: string, after: number, limit: number): Item[] {
    const job = find(id);
    const { state } = jobOf(job);
    // Left to itself, SQLite looks at every item of the job.
    const items = itemsFrom('items INDEXED BY items_by_sequence');
    const sql = `${items} WHERE job = ? AND sequence > ? ORDER BY sequence LIMIT ?`;
    return all(sql, Number(job.number), Math.max(0, after), limit).map((row) => itemOf(row, state));
  }

  function cancel(id: string): Job {
    const job = find(id);
    if (isEnded(jobOf(job))) return jobOf(job);
    run("UPDATE jobs SET state = 'canceled', ended_at = ? WHERE number = ?", now(), Number(job.number));
    announceEnd(Number(job.number));
    return jobOf(find(id));
  }

  function retry(id: string): Job {
    const job = find(id);
    const number = Number(job.number);
    const before = jobOf(job);
    const undone = before.counts.total - before.counts.answered - before.counts.failed;
    const again = run(
      `UPDATE items SET state = ?, crashes = 0, sequence = 0, code = NULL, error = NULL
       WHERE job = ? AND state = ? AND (sha256 IS NOT NULL OR path IS NOT NULL)`,
      ...[ITEM.waiting, number, ITEM.failed],
    );
    if (again + (before.state === 'canceled' ? undone : 0) === 0) return before;
    run(
      `UPDATE items SET state = ? WHERE job = ? AND state = ? AND sha256 IS NOT NULL AND EXISTS (
         SELECT 1 FROM items AS first INDEXED BY items_by_picture WHERE first.job = items.job AND first.sha256 = items.sha256
         AND first.item < items.item AND first.path IS NULL)
       AND path IS NULL`,
      ...[ITEM.follower, number, ITEM.waiting],
    );
    const state = before.startedAt === undefined ? 'pending' : 'in_progress';
    run(
      `UPDATE jobs SET state = ?, failed = failed - ?, ended_at = NULL, webhook_at = NULL
       WHERE number = ?`,
      ...[isEnded(before) ? state : before.state, again, number],
    );
    prolong(number);
    return jobOf(find(id));
  }

  /** It is kept, with its answers, as long as if it had been made now. */
  function prolong(job: number): void {
    const row = get(
      'UPDATE jobs SET expires_at = max(expires_at, ? + keeps) WHERE number = ? RETURNING expires_at',
      ...[now(), job],
    );
    run(
      'UPDATE answers SET expires_at = max(expires_at, ?) WHERE number IN (SELECT answer FROM items WHERE job = ?)',
      ...[Number(row?.expires_at), job],
    );
  }

  function remove(id: string): void {
    const job = rowOf(id, "state <> 'deleted'");
    if (!job) throw new AppError('JOB_NOT_FOUND', { id });
    run(
      "UPDATE jobs SET state = 'deleted', idempotency_key = NULL, webhook_at = NULL, bytes = 0 WHERE number = ?",
      Number(job.number),
    );
  }

  function takeWebhook(): Webhook | undefined {
    const due = get('SELECT * FROM jobs WHERE webhook_at <= ? ORDER BY webhook_at LIMIT 1', now());
    if (!due) return undefined;
    run('UPDATE jobs SET webhook_at = ? WHERE number = ?', now() + DELIVERY_MS, Number(due.number));
    const { id, options } = jobOf(due);
    return { job: id, address: String(options.webhook), attempts: Number(due.webhook_attempts) };
  }

  /** The job may have been retried since, and may have ended again: then that is due, and not in somebody's hands. */
  function postponeWebhook(id: string, nextAt: number | undefined): void {
    const sql =
      'UPDATE jobs SET webhook_at = ?, webhook_attempts = webhook_attempts + 1 WHERE id = ? AND webhook_at > ?';
    run(sql, nextAt ?? null, id, now());
  }

  function expired(limit: number): string[] {
    const working = all(`SELECT number FROM jobs WHERE expires_at <= ? AND ${OPEN}`, now());
    for (const { number } of working) prolong(Number(number));
    const sql = "SELECT id FROM jobs WHERE expires_at <= ? AND state IN ('completed', 'failed', 'canceled') LIMIT ?";
    return all(sql, now(), limit).map(({ id }) => String(id));
  }

  const known = (ids: readonly string[]) => new Set(ids.filter((id) => rowOf(id, "state <> 'deleted'")));

  function load(): StoreLoad {
    const jobs = { pending: 0, in_progress: 0, completed: 0, failed: 0, canceled: 0 };
    for (const { state, count } of all(`SELECT state, count(*) AS count FROM jobs WHERE ${VISIBLE} GROUP BY state`))
      jobs[String(state) as keyof typeof jobs] = Number(count);
    const open = get(
      `SELECT sum(total - answered - failed) AS waiting, min(created_at) AS oldest FROM jobs WHERE ${OPEN}`,
    );
    const bytes = get('SELECT sum(bytes) AS bytes FROM jobs')?.bytes;
    const oldest = open?.oldest ?? undefined;
    return {
      waiting: Number(open?.waiting ?? 0),
      oldest: oldest === undefined ? undefined : Number(oldest),
      bytes: Number(bytes ?? 0),
      jobs,
    };
  }

  /** A million rows at once would keep everybody waiting. */
  const PART = 2_000;

  function purge(): boolean {
    const deleted = get("SELECT number, id FROM jobs WHERE state = 'deleted' LIMIT 1");
    if (deleted) return purgeJob(Number(deleted.number), String(deleted.id));
    const old = 'DELETE FROM answers WHERE number IN (SELECT number FROM answers WHERE expires_at <= ? LIMIT ?)';
    if (run(old, now() - ANSWER_GRACE_MS, PART) > 0) return true;
    all('PRAGMA incremental_vacuum(1000)');
    return false;
  }

  function purgeJob(number: number, id: string): boolean {
    const items = 'DELETE FROM items WHERE job = ?1 AND item IN (SELECT item FROM items WHERE job = ?1 LIMIT ?2)';
    if (run(items, number, PART) > 0) return true;
    // Answers that are not to be used by other jobs begin with the job's id: see answer-key.ts.
    const own = 'DELETE FROM answers WHERE number IN (SELECT number FROM answers WHERE key >= ? AND key < ? LIMIT ?)';
    if (run(own, `${id}:`, `${id};`, PART) > 0) return true;
    run('DELETE FROM jobs WHERE number = ?', number);
    return true;
  }

  return {
    ...{ create, add, submit, get: (id) => jobOf(find(id)), list, items, outcomes, cancel, retry, delete: remove },
    ...{ takeWebhook, postponeWebhook, expired, known, load, purge },
  };
}

const conflict = (reason: string) => new AppError('IDEMPOTENCY_CONFLICT', { reason });
