/**
 * The thread of the books: a commit waits for the disk, and nobody else should. Writes that come close together are one
 * transaction, each of them still all or nothing by itself.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '../../errors.js';
import { createBooks } from './books.js';
import { openDatabase } from './database.js';
import type { BooksSetup, Failure, OperationName, Operations, Reply, Request } from './protocol.js';
import { enrol } from './runners.js';
import { createWork } from './work.js';

/** These wait a moment for others; all other writes take those along that wait. */
const PATIENT: readonly OperationName[] = ['add', 'record', 'postponeWebhook'];
const PATIENCE_MS = 50;
const READS: readonly OperationName[] = ['get', 'list', 'items', 'outcomes', 'answers', 'known', 'load'];
const LOOK_EVERY_MS = 2_000;

const setup = workerData as BooksSetup;
const port = parentPort as NonNullable<typeof parentPort>;
const reply = (message: Reply) => port.postMessage(message);

function open() {
  try {
    const database = openDatabase(setup.file);
    const runner = database.atomically(() => enrol(database, setup.process, Date.now()));
    return { database, runner };
  } catch (error) {
    reply({ closed: failureOf(error) });
    return process.exit();
  }
}

const { database, runner } = open();
const { purge, ...books } = createBooks(database, runner, Date.now);
const work = createWork(database, runner, Date.now);
const operations: Operations = {
  ...books,
  ...work,
  create: (job) => {
    work.beHere();
    return books.create(job);
  },
};

let waiting: Request[] = [];
let timer: NodeJS.Timeout | undefined;
let purging: NodeJS.Timeout | undefined;

function receive(request: Request): void {
  const { operation } = request;
  if (operation === 'leave') leave(request.id);
  else if (READS.includes(operation)) reply(read(request));
  else {
    waiting.push(request);
    if (!PATIENT.includes(operation)) write();
    else timer ??= setTimeout(write, PATIENCE_MS);
  }
}

function read({ id, operation, values }: Request): Reply {
  try {
    return { id, result: perform(operation as OperationName, values) };
  } catch (error) {
    return { id, failure: failureOf(error) };
  }
}

function perform(operation: OperationName, values: readonly unknown[]): unknown {
  const work: (...values: never[]) => unknown = operations[operation];
  return work(...(values as never[]));
}

function write(): void {
  clearTimeout(timer);
  timer = undefined;
  const requests = waiting;
  waiting = [];
  try {
    const replies = database.atomically(() => requests.map(attempt));
    for (const message of replies) reply(message);
  } catch (error) {
    for (const { id } of requests) reply({ id, failure: failureOf(error) });
  }
  if (requests.some(({ operation }) => operation === 'delete')) purgeSoon();
}

/** One that is refused does not undo the others; if the disk fails, all have failed. */
function attempt({ id, operation, values }: Request): Reply {
  try {
    return { id, result: database.atomically(() => perform(operation as OperationName, values)) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { id, failure: failureOf(error) };
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof AppError) return { code: error.code, details: error.details };
  return { code: 'QUEUE_UNAVAILABLE', details: { queue: setup.file, reason: (error as Error).message } };
}

function lookAfter(): void {
  try {
    const changed = database.atomically(work.lookAfter);
    if (changed.length > 0) reply({ changed });
    purgeSoon();
  } catch {
    // The next time, or when something is asked for, which is then told.
  }
}

/** A part at a time, so that nobody waits for long. */
function purgeSoon(): void {
  purging ??= setTimeout(() => {
    purging = undefined;
    try {
      if (database.atomically(purge)) purgeSoon();
    } catch {
      // As above.
    }
  }, 10);
}

function leave(id: number): void {
  clearInterval(looking);
  if (waiting.length > 0) write();
  clearTimeout(purging);
  try {
    database.atomically(work.leave);
    database.close();
  } catch {
    // Others find out that this process is gone.
  }
  reply({ id, result: undefined });
  port.close();
}

const looking = setInterval(lookAfter, LOOK_EVERY_MS);
lookAfter();
port.on('message', receive);
