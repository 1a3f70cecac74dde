/** Trainings of the service: kept in the data directory, one at a time, each in a process of its own. */
import { randomBytes } from 'node:crypto';
import type { Settings } from '../../config.js';
import type { KeptDatasets } from '../../dataset/kept/datasets.js';
import { AppError, toAppError } from '../../errors.js';
import type { Language } from '../../labels/label-set.js';
import type { TrainingOptions } from '../training.js';
import { type Child, type Ending, startChild } from './child.js';
import type { Order, ToldEvent } from './protocol.js';
import { createRecords } from './records.js';
import { isOver, type Progress, type TrainingRecord } from './training-record.js';

export interface Training {
  readonly record: TrainingRecord;
  /** Null unless it runs. */
  readonly progress: Progress | null;
  /** Changes with its state. */
  readonly revision: number;
}

export interface TrainingRequest {
  /** The name of a data set; what people have corrected, if it is not given. */
  readonly dataset?: string | undefined;
  readonly options: TrainingRecord['options'];
}

/** All but `add`, `list` and `close` throw AppError TRAINING_NOT_FOUND. */
export interface Trainings {
  /** Takes up what waited when the service ended. */
  readonly start: () => Promise<void>;
  /** It is on the disk, and waits for its turn. @throws AppError TRAININGS_FULL, DATASET_NOT_FOUND, DISK_FULL, DATA_UNWRITABLE */
  readonly add: (request: TrainingRequest) => Promise<Training>;
  /** The newest first. */
  readonly list: () => Promise<Training[]>;
  readonly get: (id: string) => Promise<Training>;
  /** Asks it to keep the best so far. */
  readonly stop: (id: string) => Promise<Training>;
  /** Goes on with what it has left. @throws AppError TRAINING_NOT_RESUMABLE, TRAININGS_FULL */
  readonly resume: (id: string) => Promise<Training>;
  /** With its report, not with its model; one that runs is ended. */
  readonly remove: (id: string) => Promise<void>;
  /** Where the report lies, if there is one; in that language, if it was written in it. */
  readonly reportOf: (id: string, lang: Language) => Promise<string>;
  /** Called whenever something is new in that training, until the function that it returns is called. */
  readonly watch: (id: string, listener: () => void) => () => void;
  /** Ends what runs; it can be resumed. */
  readonly close: () => Promise<void>;
}

export interface TrainingsOptions {
  readonly settings: Settings;
  /** What there is of a data set to learn from. @throws AppError DATASET_NOT_FOUND */
  readonly filesOf: KeptDatasets['files'];
  /** Called with what an operator should know. */
  readonly onFailure: (error: AppError, lastWords?: string) => void;
  /** What trains. */
  readonly script?: URL;
}

interface Run {
  record: TrainingRecord;
  progress: Progress | null;
  revision: number;
  child?: Child | undefined;
  /** It is on the disk: before that it is nothing that could begin. */
  isKept: boolean;
  isStopping: boolean;
  isRemoved: boolean;
  saving: Promise<void>;
  saveTimer?: NodeJS.Timeout | undefined;
}

const MOST_WAITING = 10;
const MOST_KEPT = 1_000;
/** What has come meanwhile is written this often. */
const SAVE_MS = 1_000;
const SCRIPT = new URL('./process.js', import.meta.url);

export function createTrainings({ settings, filesOf, onFailure, script = SCRIPT }: TrainingsOptions): Trainings {
  const records = createRecords(settings.home);
  const runs = new Map<string, Run>();
  const listeners = new Map<string, Set<() => void>>();
  let loading: Promise<void> | undefined;
  let running: Promise<void> | undefined;
  let isClosed = false;

  const load = () => {
    loading ??= readRecords().catch((error) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };

  async function readRecords(): Promise<void> {
    for (const record of await records.readAll()) runs.set(record.id, runOf(record, true));
    for (const run of runs.values()) {
      // Its process has ended with the service that it ran for.
      if (run.record.state === 'running') change(run, { state: 'stopped', ended: now() });
    }
  }

  function tell(id: string): void {
    for (const listener of listeners.get(id) ?? []) listener();
  }

  /** What is new of a training is told at once, and written as soon as what is being written is. */
  function change(run: Run, changes: Partial<TrainingRecord>): void {
    run.record = { ...run.record, ...changes };
    run.revision += 1;
    save(run).catch((error) => onFailure(toAppError(error)));
    tell(run.record.id);
  }

  function save(run: Run): Promise<void> {
    clearTimeout(run.saveTimer);
    run.saveTimer = undefined;
    const saved = run.saving.then(async () => {
      if (!run.isRemoved) await records.write(run.record);
    });
    run.saving = saved.catch(() => undefined);
    return saved;
  }

  function saveSoon(run: Run): void {
    run.saveTimer ??= setTimeout(() => save(run).catch((error) => onFailure(toAppError(error))), SAVE_MS);
  }

  function next(): void {
    if (isClosed || running) return;
    const run = [...runs.values()].find(({ record, isKept }) => isKept && record.state === 'waiting');
    if (!run) return;
    running = train(run).finally(() => {
      running = undefined;
      next();
    });
  }

  /** Never rejects. */
  async function train(run: Run): Promise<void> {
    const { record } = run;
    change(run, { state: 'running', started: record.started ?? now(), ended: null, error: null });
    const ending = await orderOf(run).then((order) => follow(run, order), failureOf);
    run.child = undefined;
    run.progress = null;
    if (run.isRemoved) return;
    change(run, { ...changesBy(ending), ended: now() });
    await run.saving;
  }

  async function orderOf({ record: { id, source, options, resume } }: Run): Promise<Order> {
    const { dataset } = source;
    const all: TrainingOptions = { ...options, resume };
    const from = dataset === null ? 'corrections' : await filesOf(dataset);
    return { settings, options: all, source: from, folder: records.folderOf(id) };
  }

  async function follow(run: Run, order: Order): Promise<Ending> {
    if (run.isStopping || isClosed) return { kind: 'killed' };
    run.child = startChild({
      ...{ script, order },
      onEvent: (event) => hear(run, event),
      onLastWords: (words) => onFailure(new AppError('TRAINING_FAILED', { reason: 'it told no reason' }), words),
    });
    return run.child.ended;
  }

  function hear(run: Run, event: ToldEvent): void {
    const { record } = run;
    if (event.kind === 'progress') {
      const { kind, ...progress } = event;
      run.progress = progress;
    } else if (event.kind === 'point') {
      const { kind, ...point } = event;
      // One that goes on may tell an epoch again.
      const before = record.points.filter((one) => one.point.epoch < point.point.epoch);
      if (before.length < record.points.length) run.revision += 1;
      run.record = { ...record, points: [...before, point] };
    } else run.record = { ...record, findings: [...record.findings, event.finding] };
    if (event.kind !== 'progress') saveSoon(run);
    tell(record.id);
  }

  const waiting = () => [...runs.values()].filter(({ record }) => record.state === 'waiting').length;

  function requireRoom(): void {
    if (isClosed) throw new AppError('CLOSED', {});
    if (waiting() >= MOST_WAITING)
      throw new AppError('TRAININGS_FULL', {
        ...{
          held: `${MOST_WAITING} that wait`,
          limit: MOST_WAITING,
          remedy: 'Wait until one has ended, or delete one',
        },
      });
  }

  async function add({ dataset, options }: TrainingRequest): Promise<Training> {
    await load();
    if (dataset !== undefined) await filesOf(dataset);
    requireRoom();
    if (runs.size >= MOST_KEPT)
      throw new AppError('TRAININGS_FULL', {
        ...{ held: `${runs.size} that are kept`, limit: MOST_KEPT, remedy: 'Delete some that are not needed' },
      });
    const run = runOf(
      {
        ...{ id: newId(), state: 'waiting', created: now(), started: null, ended: null },
        ...{ source: { dataset: dataset ?? null, fromCorrections: dataset === undefined }, options, resume: false },
        ...{ points: [], findings: [], result: null, comparison: null, error: null },
      },
      false,
    );
    runs.set(run.record.id, run);
    try {
      await save(run);
      run.isKept = true;
    } catch (error) {
      runs.delete(run.record.id);
      throw error;
    }
    next();
    return viewOf(run);
  }

  async function find(id: string): Promise<Run> {
    await load();
    const run = runs.get(id);
    if (run) return run;
    throw new AppError('TRAINING_NOT_FOUND', { id });
  }

  async function stop(id: string): Promise<Training> {
    const run = await find(id);
    const { state } = run.record;
    if (state === 'waiting') change(run, { state: 'stopped', ended: now() });
    else if (state === 'running') {
      run.isStopping = true;
      run.child?.stop();
    }
    await run.saving;
    return viewOf(run);
  }

  async function resume(id: string): Promise<Training> {
    const run = await find(id);
    const { state } = run.record;
    if (state === 'done') throw new AppError('TRAINING_NOT_RESUMABLE', { id, state });
    if (!isOver(run.record)) return viewOf(run);
    requireRoom();
    run.isStopping = false;
    // The check is made again.
    change(run, { state: 'waiting', resume: true, ended: null, error: null, findings: [] });
    await run.saving;
    next();
    return viewOf(run);
  }

  async function remove(id: string): Promise<void> {
    const run = await find(id);
    run.isRemoved = true;
    runs.delete(id);
    clearTimeout(run.saveTimer);
    run.isStopping = true;
    run.child?.kill();
    await run.child?.ended;
    await run.saving;
    await records.remove(id);
    tell(id);
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
    isClosed = true;
    await loading?.catch(() => undefined);
    for (const run of runs.values()) run.child?.kill();
    await running;
    for (const run of runs.values()) {
      if (run.saveTimer) void save(run);
      await run.saving;
    }
  }

  return {
    start: async () => {
      await load();
      next();
    },
    add,
    list: async () => {
      await load();
      return [...runs.values()].reverse().map(viewOf);
    },
    get: async (id) => viewOf(await find(id)),
    stop,
    resume,
    remove,
    reportOf: async (id, lang) => records.reportOf((await find(id)).record.id, lang),
    watch,
    close,
  };
}

const now = () => new Date().toISOString();

/** In the order of their times, as the folders are listed. */
const newId = () => `${now().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}-${randomBytes(4).toString('hex')}`;

const runOf = (record: TrainingRecord, isKept: boolean): Run => ({
  ...{ record, progress: null, revision: 0, isKept, isStopping: false, isRemoved: false, saving: Promise.resolve() },
});

const viewOf = ({ record, progress, revision }: Run): Training => ({ record, progress, revision });

function failureOf(thrown: unknown): Ending {
  const { code, message: error } = toAppError(thrown);
  return { kind: 'failed', code, error };
}

function changesBy(ending: Ending): Partial<TrainingRecord> {
  if (ending.kind === 'killed') return { state: 'stopped' };
  if (ending.kind === 'outcome') {
    const { stopped, ...outcome } = ending.outcome;
    return { state: stopped ? 'stopped' : 'done', ...outcome };
  }
  const { code, error } = ending;
  return code === 'ABORTED' ? { state: 'stopped' } : { state: 'failed', error: { code, error } };
}
