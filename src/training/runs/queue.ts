/** Trains what waits: one at a time, the oldest first, each in a process of its own. */
import type { Settings } from '../../config.js';
import type { KeptDatasets } from '../../dataset/kept/datasets.js';
import { type AppError, errorTable } from '../../errors.js';
import { type Ending, startChild } from './child.js';
import type { KeptRuns } from './kept-runs.js';
import type { Order } from './protocol.js';
import { changesBy, failureOf, type Run } from './run.js';

export interface Queue {
  /** Begins with the next one, unless one runs. */
  readonly next: () => void;
  /** Ends what runs at once, and begins nothing more. */
  readonly close: () => Promise<void>;
}

/** Called with what an operator should know, and with the last words of a process that ended before its time. */
export type OnFailure = (failure: Pick<AppError, 'code' | 'message'>, lastWords?: string) => void;

export interface QueueOptions {
  readonly settings: Settings;
  readonly runs: Pick<KeptRuns, 'all' | 'change' | 'hear' | 'saved'>;
  readonly filesOf: KeptDatasets['files'];
  /** Where a training may keep what it needs to go on. */
  readonly folderOf: (id: string) => string;
  readonly onFailure: OnFailure;
  /** What trains. */
  readonly script: URL;
}

export function createQueue({ settings, runs, filesOf, folderOf, onFailure, script }: QueueOptions): Queue {
  let running: { readonly run: Run; readonly ended: Promise<void> } | undefined;
  let isClosed = false;

  function next(): void {
    if (isClosed || running) return;
    const run = runs.all().find(({ record, isKept }) => isKept && record.state === 'waiting');
    if (!run) return;
    const ended = train(run).finally(() => {
      running = undefined;
      next();
    });
    running = { run, ended };
  }

  /** Never rejects. */
  async function train(run: Run): Promise<void> {
    const started = run.record.started ?? new Date().toISOString();
    runs.change(run, { state: 'running', started, ended: null, error: null });
    const ending = await orderOf(run)
      .then((order) => follow(run, order))
      .catch(failureOf);
    tellOperator(ending);
    run.child = undefined;
    run.progress = null;
    if (run.isRemoved) return;
    const interrupted = isClosed && ending.kind === 'killed';
    runs.change(run, { ...changesBy(ending), interrupted, ended: new Date().toISOString() });
    await runs.saved(run);
  }

  async function orderOf({ record: { id, source, options, resume } }: Run): Promise<Order> {
    const { dataset } = source;
    const pictures = dataset === null ? 'corrections' : await filesOf(dataset);
    return { settings, options: { ...options, resume }, source: pictures, folder: folderOf(id) };
  }

  async function follow(run: Run, order: Order): Promise<Ending> {
    if (run.isStopping || isClosed) return { kind: 'killed' };
    run.child = startChild({
      ...{ script, order },
      onEvent: (event) => runs.hear(run, event),
    });
    return run.child.ended;
  }

  /** What is wrong with the pictures is for whoever asked. */
  function tellOperator(ending: Ending): void {
    if (ending.kind !== 'failed' || errorTable[ending.code].http < 500) return;
    onFailure({ code: ending.code, message: ending.error }, ending.lastWords);
  }

  async function close(): Promise<void> {
    isClosed = true;
    running?.run.child?.kill();
    await running?.ended;
  }

  return { next, close };
}
