/** Trainings of the service: what may be asked of them, and when. */
import { randomBytes } from 'node:crypto';
import type { Settings } from '../../config.js';
import type { KeptDatasets } from '../../dataset/kept/datasets.js';
import { AppError } from '../../errors.js';
import type { Language } from '../../labels/label-set.js';
import { createKeptRuns } from './kept-runs.js';
import { createQueue, type OnFailure } from './queue.js';
import { createRecords } from './records.js';
import { type Training, viewOf } from './run.js';
import { isOver, type TrainingRecord } from './training-record.js';

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
  /** With its report, not with its model; one that runs is ended. @throws AppError DATA_UNWRITABLE */
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
  readonly onFailure: OnFailure;
  /** What trains. */
  readonly script?: URL;
}

const MOST_WAITING = 10;
const MOST_KEPT = 1_000;
const SCRIPT = new URL('./process.js', import.meta.url);

export function createTrainings({ settings, filesOf, onFailure, script = SCRIPT }: TrainingsOptions): Trainings {
  const records = createRecords(settings.home);
  const runs = createKeptRuns(records, onFailure);
  const queue = createQueue({ settings, runs, filesOf, folderOf: records.folderOf, onFailure, script });
  let isClosed = false;

  function requireRoom(): void {
    if (isClosed) throw new AppError('CLOSED', {});
    const waiting = runs.all().filter(({ record }) => record.state === 'waiting').length;
    if (waiting >= MOST_WAITING)
      throw new AppError('TRAININGS_FULL', {
        ...{ held: `${MOST_WAITING} that wait`, limit: MOST_WAITING },
        remedy: 'Wait until one has ended, or delete one',
      });
  }

  async function add({ dataset, options }: TrainingRequest): Promise<Training> {
    await runs.load();
    if (dataset !== undefined) await filesOf(dataset);
    requireRoom();
    const kept = runs.all().length;
    if (kept >= MOST_KEPT)
      throw new AppError('TRAININGS_FULL', {
        ...{ held: `${kept} that are kept`, limit: MOST_KEPT, remedy: 'Delete some that are not needed' },
      });
    const run = await runs.add({
      ...{ id: newId(), state: 'waiting', created: now(), started: null, ended: null, interrupted: false },
      ...{ source: { dataset: dataset ?? null, fromCorrections: dataset === undefined }, options, resume: false },
      ...{ points: [], findings: [], result: null, comparison: null, error: null },
    });
    queue.next();
    return viewOf(run);
  }

  async function stop(id: string): Promise<Training> {
    const run = await runs.find(id);
    const { state } = run.record;
    if (state === 'waiting') runs.change(run, { state: 'stopped', ended: now() });
    else if (state === 'running') {
      run.isStopping = true;
      run.child?.stop();
    }
    await runs.saved(run);
    return viewOf(run);
  }

  async function resume(id: string): Promise<Training> {
    const run = await runs.find(id);
    const { state } = run.record;
    if (state === 'done') throw new AppError('TRAINING_NOT_RESUMABLE', { id, state });
    if (!isOver(run.record)) return viewOf(run);
    requireRoom();
    run.isStopping = false;
    // The check is made again.
    runs.change(run, { state: 'waiting', resume: true, ended: null, interrupted: false, error: null, findings: [] });
    await runs.saved(run);
    queue.next();
    return viewOf(run);
  }

  async function remove(id: string): Promise<void> {
    const run = await runs.find(id);
    run.isStopping = true;
    run.child?.kill();
    await run.child?.ended;
    await runs.remove(run);
  }

  async function close(): Promise<void> {
    isClosed = true;
    await queue.close();
    await runs.close();
  }

  return {
    start: async () => {
      await runs.load();
      queue.next();
    },
    add,
    list: async () => {
      await runs.load();
      return runs.all().reverse().map(viewOf);
    },
    get: async (id) => viewOf(await runs.find(id)),
    stop,
    resume,
    remove,
    reportOf: async (id, lang) => records.reportOf((await runs.find(id)).record.id, lang),
    watch: runs.watch,
    close,
  };
}

const now = () => new Date().toISOString();

/** In the order of their times, as the folders are listed. */
const newId = () => `${now().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}-${randomBytes(4).toString('hex')}`;
