/** Who works on what: items are taken, recorded once, given back, and given to others when a process is gone. */
import { AppError } from '../../errors.js';
import { groupBy } from '../group-by.js';
import { type KeptAnswer, keptError, type PictureSource } from '../job.js';
import { CRASHES_BEFORE_ALONE, type Outcome, type TakenItem } from '../store.js';
import type { Database } from './database.js';
import { bytesOf, hexOf } from './rows.js';
import { beSeen, findGone, type Runner } from './runners.js';
import { ITEM } from './schema.js';

export interface Work {
  readonly take: (limit: number, inHand: number) => TakenItem[];
  readonly record: (outcomes: readonly Outcome[]) => boolean[];
  readonly giveBack: (items: readonly Pick<TakenItem, 'job' | 'item'>[]) => void;
  readonly answers: (keys: readonly string[]) => ReadonlyMap<string, KeptAnswer>;
  /** Says that this process is here before it has something in hand. */
  readonly beHere: () => void;
  /** Says that this process is here, and takes back what others had that are gone. The jobs that this concerns. */
  readonly lookAfter: () => string[];
  /** Leaves with nothing in hand. */
  readonly leave: () => void;
}

type Row = Readonly<Record<string, unknown>>;

/** What outcomes add to a job. */
interface More {
  answered: number;
  failed: number;
  bytes: number;
}

const SEEN_EVERY_MS = 2_000;

export function createWork(database: Database, runner: Runner, now: () => number): Work {
  const { all, get, run } = database;
  let seenAt = now();

  function take(limit: number, inHand: number): TakenItem[] {
    const open = all(
      "SELECT number, id, options FROM jobs WHERE state IN ('pending', 'in_progress') ORDER BY taken, number",
    );
    for (const job of open) {
      // What was in hand at a crash comes last, so that one that is to blame does not take others along again and again.
      const next = all(
        'SELECT * FROM items WHERE job = ? AND state = 0 ORDER BY crashes, item LIMIT ?',
        ...[Number(job.number), limit],
      );
      if (next.length === 0) continue;
      const items = withoutDoubtful(next, inHand);
      if (items.length > 0) beHere();
      for (const { item } of items) hold(Number(job.number), Number(item));
      if (items.length > 0) begin(Number(job.number), items.length);
      return items.map((item) => takenOf(job, item));
    }
    return [];
  }

  /** One that may end the process is worked on alone. */
  function withoutDoubtful(next: readonly Row[], inHand: number): readonly Row[] {
    const first = next.findIndex(isDoubtful);
    if (first < 0) return next;
    if (first > 0) return next.slice(0, first);
    return inHand === 0 ? next.slice(0, 1) : [];
  }

  function hold(job: number, item: number): void {
    const sql = 'UPDATE items SET state = ?, runner = ? WHERE job = ? AND item = ?';
    run(sql, ITEM.inHand, runner.number, job, item);
  }

  function begin(job: number, count: number): void {
    run(
      `UPDATE jobs SET state = 'in_progress', taken = taken + ?, started_at = coalesce(started_at, ?) WHERE number = ?`,
      ...[count, now(), job],
    );
  }

  function record(outcomes: readonly Outcome[]): boolean[] {
    for (const [id, own] of groupBy(outcomes, ({ job }) => job)) recordOf(id, own);
    return outcomes.map(isAnswered);
  }

  function isAnswered({ job, item }: Outcome): boolean {
    const sql = 'SELECT items.state FROM jobs JOIN items ON items.job = jobs.number WHERE jobs.id = ? AND item = ?';
    return Number(get(sql, job, item)?.state) === ITEM.answered;
  }

  function recordOf(id: string, outcomes: readonly Outcome[]): void {
    const job = get('SELECT * FROM jobs WHERE id = ?', id);
    if (!job) return;
    const number = Number(job.number);
    if (job.state === 'canceled' || job.state === 'deleted') {
      for (const { item } of outcomes) release(number, item);
      return;
    }
    const more = { answered: 0, failed: 0, bytes: 0 };
    for (const outcome of outcomes) settle(job, outcome, more);
    count(job, more);
  }

  /** With all that have the same picture. */
  function settle(job: Row, outcome: Outcome, more: More): void {
    const number = Number(job.number);
    const item = get('SELECT * FROM items WHERE job = ? AND item = ?', number, outcome.item);
    if (!item || Number(item.state) >= ITEM.answered) return;
    const sha256 = outcome.sha256 === undefined ? null : bytesOf(outcome.sha256);
    const isAnswer = 'answer' in outcome;
    const result = isAnswer ? { answer: keep(outcome, Number(job.expires_at)) } : { error: outcome.error };
    for (const position of [outcome.item, ...followersOf(number, item)]) {
      more[isAnswer ? 'answered' : 'failed'] += 1;
      write(number, position, sha256, Number(job.recorded) + more.answered + more.failed, result);
    }
    // What was answered is no longer kept, only what failed.
    if (isAnswer) more.bytes += outcome.thumbnailBytes - Number(item.bytes);
  }

  function followersOf(job: number, { sha256, path }: Row): number[] {
    if (sha256 === null || path !== null) return [];
    // Left to itself, SQLite looks at every item of the job.
    const sql =
      'SELECT item FROM items INDEXED BY items_by_picture WHERE job = ? AND sha256 = ? AND state = ? ORDER BY item';
    return all(sql, job, sha256 as Uint8Array, ITEM.follower).map(({ item }) => Number(item));
  }

  type Result = { readonly answer: number } | { readonly error: { readonly code: string; readonly error: string } };

  function write(job: number, item: number, sha256: Buffer | null, sequence: number, result: Result): void {
    const isAnswer = 'answer' in result;
    const [code, error] = isAnswer ? [null, null] : [result.error.code, result.error.error];
    run(
      `UPDATE items SET state = ?, runner = NULL, sequence = ?, sha256 = coalesce(sha256, ?), answer = ?, code = ?, error = ?
       WHERE job = ? AND item = ?`,
      ...[
        isAnswer ? ITEM.answered : ITEM.failed,
        sequence,
        sha256,
        isAnswer ? result.answer : null,
        code,
        error,
        job,
        item,
      ],
    );
  }

  /** The number of the answer under its key. */
  function keep({ key, answer }: Extract<Outcome, { answer: unknown }>, expiresAt: number): number {
    const sql = `INSERT INTO answers (key, answer, expires_at) VALUES (?, ?, ?)
      ON CONFLICT (key) DO UPDATE SET expires_at = max(expires_at, excluded.expires_at) RETURNING number`;
    return Number(get(sql, key, JSON.stringify(answer), expiresAt)?.number);
  }

  function count(job: Row, { answered, failed, bytes }: More): void {
    const number = Number(job.number);
    run(
      `UPDATE jobs SET answered = answered + ?, failed = failed + ?, recorded = recorded + ?, bytes = bytes + ?
       WHERE number = ?`,
      ...[answered, failed, answered + failed, bytes, number],
    );
    const isOver = Number(job.answered) + Number(job.failed) + answered + failed === Number(job.total);
    if (!isOver || answered + failed === 0) return;
    const state = Number(job.answered) + answered === 0 ? 'failed' : 'completed';
    run(
      `UPDATE jobs SET state = ?, ended_at = ?, webhook_attempts = 0,
       webhook_at = CASE WHEN options ->> 'webhook' IS NULL THEN NULL ELSE ? END WHERE number = ?`,
      ...[state, now(), now(), number],
    );
  }

  function release(job: number, item: number): void {
    const sql = 'UPDATE items SET state = ?, runner = NULL WHERE job = ? AND item = ? AND state = ? AND runner = ?';
    run(sql, ITEM.waiting, job, item, ITEM.inHand, runner.number);
  }

  function giveBack(items: readonly Pick<TakenItem, 'job' | 'item'>[]): void {
    for (const { job, item } of items) {
      const number = get('SELECT number FROM jobs WHERE id = ?', job)?.number;
      if (number !== undefined) release(Number(number), item);
    }
  }

  function answers(keys: readonly string[]): ReadonlyMap<string, KeptAnswer> {
    const found = new Map<string, KeptAnswer>();
    for (const key of keys) {
      const row = get('SELECT answer FROM answers WHERE key = ? AND expires_at > ?', key, now());
      if (row) found.set(key, JSON.parse(String(row.answer)));
    }
    return found;
  }

  function beHere(): void {
    if (now() - seenAt < SEEN_EVERY_MS) return;
    seenAt = now();
    beSeen(database, runner, seenAt);
  }

  function lookAfter(): string[] {
    if (isBusy()) beHere();
    return findGone(database, runner, now()).flatMap(takeOver);
  }

  /** A process that does nothing writes nothing. */
  function isBusy(): boolean {
    const held = 'SELECT 1 AS held FROM items WHERE runner = ? AND state = 1 LIMIT 1';
    const receiving = "SELECT 1 AS held FROM jobs WHERE state = 'receiving' AND receiver = ? LIMIT 1";
    return [held, receiving].some((sql) => get(sql, runner.number) !== undefined);
  }

  /** What it had in hand may be why it is gone. */
  function takeOver(gone: number): string[] {
    const held = all(
      'SELECT jobs.id, items.* FROM items JOIN jobs ON jobs.number = items.job WHERE runner = ? AND items.state = 1',
      gone,
    );
    for (const row of held) {
      run(
        'UPDATE items SET state = ?, runner = NULL, crashes = crashes + 1 WHERE job = ? AND item = ?',
        ...[ITEM.waiting, Number(row.job), Number(row.item)],
      );
      if (isDoubtful(row)) record([crashed(row)]);
    }
    run("UPDATE jobs SET state = 'deleted', idempotency_key = NULL WHERE state = 'receiving' AND receiver = ?", gone);
    run('DELETE FROM runners WHERE number = ?', gone);
    return [...new Set(held.map(({ id }) => String(id)))];
  }

  function leave(): void {
    run('UPDATE items SET state = ?, runner = NULL WHERE state = 1 AND runner = ?', ITEM.waiting, runner.number);
    run(
      "UPDATE jobs SET state = 'deleted', idempotency_key = NULL WHERE state = 'receiving' AND receiver = ?",
      runner.number,
    );
    run('DELETE FROM runners WHERE number = ?', runner.number);
  }

  return { take, record, giveBack, answers, beHere, lookAfter, leave };
}

const isDoubtful = ({ crashes }: Row): boolean => Number(crashes) >= CRASHES_BEFORE_ALONE;

function crashed({ id, item, crashes }: Row): Outcome {
  const error = keptError(new AppError('PICTURE_CRASHED', { times: Number(crashes) + 1 }));
  return { job: String(id), item: Number(item), error };
}

function takenOf(job: Row, item: Row): TakenItem {
  return {
    job: String(job.id),
    item: Number(item.item),
    name: String(item.name),
    source: sourceOf(item),
    options: JSON.parse(String(job.options)),
    alone: isDoubtful(item),
  };
}

function sourceOf({ path, sha256, bytes }: Row): PictureSource {
  if (path !== null) return { path: String(path) };
  return { sha256: hexOf(sha256 as Uint8Array), bytes: Number(bytes) };
}
