/** All trainings of the service: in memory, on the disk, and told to whoever listens. */
import { AppError, toAppError } from '../../errors.js';
import type { ToldEvent } from './protocol.js';
import type { Records } from './records.js';
import { type Run, runOf, takeIn } from './run.js';
import { isOver, type TrainingRecord } from './training-record.js';

export interface KeptRuns {
  /** Those that an earlier service has left. Reads them once. */
  readonly load: () => Promise<void>;
  /** The oldest first. */
  readonly all: () => Run[];
  /** @throws AppError TRAINING_NOT_FOUND */
  readonly find: (id: string) => Promise<Run>;
  /** It is there at once, and on the disk when this resolves, or nowhere. @throws AppError DISK_FULL, DATA_UNWRITABLE */
  readonly add: (record: TrainingRecord) => Promise<Run>;
  /** What is new is told at once, and written as soon as what is being written is. */
  readonly change: (run: Run, changes: Partial<TrainingRecord>) => void;
  /** The same for what its process tells, which is written with what comes in the next second. */
  readonly hear: (run: Run, event: ToldEvent) => void;
  /** What was changed until now is on the disk, or the operator has been told why not. */
  readonly saved: (run: Run) => Promise<void>;
  /**
   * With all that it has kept. It may not run any more. If it cannot be removed, it is there as one that was stopped.
   * @throws AppError DATA_UNWRITABLE
   */
  readonly remove: (run: Run) => Promise<void>;
  /** Called whenever something is new in that training, until the function that it returns is called. */
  readonly watch: (id: string, listener: () => void) => () => void;
  /** Writes what is not written yet. */
  readonly close: () => Promise<void>;
}

const SAVE_MS = 1_000;

export function createKeptRuns(records: Records, onFailure: (error: AppError) => void): KeptRuns {
  const runs = new Map<string, Run>();
  const listeners = new Map<string, Set<() => void>>();
  const writing = new Map<Run, Promise<void>>();
  const timers = new Map<Run, NodeJS.Timeout>();
  let loading: Promise<void> | undefined;

  function load(): Promise<void> {
    loading ??= readRecords();
    return loading;
  }

  async function readRecords(): Promise<void> {
    for (const record of await records.readAll()) runs.set(record.id, runOf(record, true));
    for (const run of runs.values()) {
      // Its process has ended with the service that it ran for.
      if (run.record.state !== 'running') continue;
      change(run, { state: 'stopped', interrupted: true, ended: new Date().toISOString() });
    }
    await clear();
  }

  /** What cannot be deleted now is deleted with the next one. */
  const clear = () => records.clear().catch((error) => onFailure(toAppError(error)));

  function tell({ record: { id } }: Run): void {
    for (const listener of listeners.get(id) ?? []) listener();
  }

  function write(run: Run): Promise<void> {
    clearTimeout(timers.get(run));
    timers.delete(run);
    const written = saved(run).then(async () => {
      if (!run.isRemoved) await records.write(run.record);
    });
    const settled = written
      .catch(() => undefined)
      .then(() => {
        if (writing.get(run) === settled) writing.delete(run);
      });
    writing.set(run, settled);
    return written;
  }

  const writeOrTell = (run: Run) => void write(run).catch((error) => onFailure(toAppError(error)));

  const saved = async (run: Run) => writing.get(run);

  function change(run: Run, changes: Partial<TrainingRecord>): void {
    run.record = { ...run.record, ...changes };
    run.revision += 1;
    writeOrTell(run);
    tell(run);
  }

  function hear(run: Run, event: ToldEvent): void {
    takeIn(run, event);
    if (event.kind !== 'progress' && !timers.has(run)) timers.set(run, setTimeout(writeOrTell, SAVE_MS, run));
    tell(run);
  }

  async function find(id: string): Promise<Run> {
    await load();
    const run = runs.get(id);
    if (run && !run.isRemoved) return run;
    throw new AppError('TRAINING_NOT_FOUND', { id });
  }

  async function add(record: TrainingRecord): Promise<Run> {
    const run = runOf(record, false);
    runs.set(record.id, run);
    try {
      await write(run);
      run.isKept = true;
      return run;
    } catch (error) {
      run.isRemoved = true;
      runs.delete(record.id);
      await saved(run);
      await records.remove(record.id).catch(() => undefined);
      tell(run);
      throw error;
    }
  }

  async function remove(run: Run): Promise<void> {
    const { id } = run.record;
    run.isRemoved = true;
    clearTimeout(timers.get(run));
    timers.delete(run);
    await saved(run);
    try {
      await records.remove(id);
    } catch (error) {
      run.isRemoved = false;
      // Its process was ended for this.
      if (!isOver(run.record)) change(run, { state: 'stopped', ended: new Date().toISOString() });
      await saved(run);
      throw error;
    }
    runs.delete(id);
    tell(run);
    await clear();
  }

  function watch(id: string, listener: () => void): () => void {
    const all = listeners.get(id) ?? new Set();
    listeners.set(id, all.add(listener));
    return () => {
      all.delete(listener);
      if (all.size === 0 && listeners.get(id) === all) listeners.delete(id);
    };
  }

  async function close(): Promise<void> {
    await loading;
    for (const run of [...timers.keys()]) writeOrTell(run);
    await Promise.all(writing.values());
  }

  return {
    load,
    all: () => [...runs.values()].filter(({ isRemoved }) => !isRemoved),
    find,
    add,
    change,
    hear,
    saved,
    remove,
    watch,
    close,
  };
}
