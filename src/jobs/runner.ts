/** Works on jobs: takes items, answers them beside what people wait for, records what came of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, type ErrorCode, toAppError } from '../errors.js';
import type { Answering } from './answering.js';
import { isEnded, keptError } from './job.js';
import type { Pacing } from './pacing.js';
import type { PictureStore } from './pictures/store.js';
import type { JobStore, Outcome, TakenItem } from './store.js';

export interface RunnerOptions {
  readonly store: JobStore;
  readonly pictures: PictureStore;
  readonly answering: Answering;
  readonly pacing: Pacing;
  /** Pictures in work at once when nobody else waits. */
  readonly concurrency: number;
  /** For so long a picture is kept once it was answered: the books may not be durable before. */
  readonly keepForMs: number;
  /** Called for each outcome: `ok`, or the code of its error. */
  readonly onOutcome: (code: 'ok' | ErrorCode) => void;
  /** Called with what an operator should know, such as books that cannot be reached. */
  readonly onFailure: (error: AppError) => void;
}

export interface Runner {
  /** Items that this process has in hand. */
  readonly inHand: () => number;
  /** Gives back what is not done, and takes no more. */
  readonly close: () => Promise<void>;
}

/** Who waits for work also looks without being told; and what fails for a while is tried again. */
const LOOK_EVERY_MS = 1_000;
const TRIES = 3;
/** Items that are only looked up are taken in larger and larger numbers. */
const MOST_RECALLED = 256;
const MOST_UNRECORDED = 2 * MOST_RECALLED;
/** Also where it cannot be found out: what was taken is worked on. */
const NONE: ReadonlyMap<TakenItem, Outcome> = new Map();

export function startRunner(options: RunnerOptions): Runner {
  const { store, pictures, answering, pacing, concurrency, keepForMs, onOutcome, onFailure } = options;
  const closing = new AbortController();
  const { signal } = closing;
  const ready: TakenItem[] = [];
  const working = new Set<TakenItem>();
  const recording = new Set<Promise<void>>();
  const kept = new Map<NodeJS.Timeout, readonly Outcome[]>();
  let unrecorded = 0;
  let batch = concurrency;
  let timer: NodeJS.Timeout | undefined;
  let hasHappened = false;
  let goOn: () => void = () => undefined;
  const wake = () => {
    hasHappened = true;
    goOn();
  };
  const stopWatching = store.watch(wake);
  const inHand = () => ready.length + working.size + unrecorded;

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        start();
        const found = await take();
        start();
        if (!found || ready.length > 0) await somethingHappens();
      } catch (error) {
        if (signal.aborted) return;
        onFailure(toAppError(error));
        await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** Whether there was something to take. */
  async function take(): Promise<boolean> {
    const isAlone = [...ready, ...working].some(({ alone }) => alone);
    if (isAlone || ready.length >= concurrency || unrecorded >= MOST_UNRECORDED) return false;
    const items = await store.take(batch, inHand());
    if (items.length === 0) return false;
    if (signal.aborted) {
      await store.giveBack(items);
      return false;
    }
    const recalled = items.some(({ alone }) => alone) ? NONE : await answering.recall(items, signal).catch(() => NONE);
    batch = recalled.size === items.length ? Math.min(batch * 2, MOST_RECALLED) : concurrency;
    ready.push(...items.filter((item) => !recalled.has(item)));
    if (recalled.size > 0) keep([...recalled.values()]);
    return true;
  }

  function start(): void {
    while (ready.length > 0 && working.size < pacing.most()) {
      const item = ready.shift() as TakenItem;
      working.add(item);
      void work(item);
    }
  }

  async function work(item: TakenItem): Promise<void> {
    try {
      const outcome = await answerPatiently(item);
      working.delete(item);
      keep([outcome]);
    } catch (error) {
      // At the end everything is given back anyway.
      if (!signal.aborted) {
        onFailure(toAppError(error));
        await untilGivenBack(item);
      }
      working.delete(item);
    }
    wake();
  }

  /** What passes is waited for, but not for ever: others may fare better with it. */
  async function answerPatiently(item: TakenItem): Promise<Outcome> {
    for (let attempt = 1; ; attempt++) {
      const outcome = await answering.answer(item, signal).catch(toAppError);
      if (!(outcome instanceof AppError)) return outcome;
      if (signal.aborted) throw outcome;
      if (attempt === TRIES) return failedFor(item, outcome);
      await sleep(LOOK_EVERY_MS * attempt, undefined, { signal });
    }
  }

  function keep(outcomes: readonly Outcome[]): void {
    unrecorded += outcomes.length;
    const done = record(outcomes)
      .catch((error) => onFailure(toAppError(error)))
      .then(() => {
        unrecorded -= outcomes.length;
        recording.delete(done);
        wake();
      });
    recording.add(done);
  }

  async function record(outcomes: readonly Outcome[]): Promise<void> {
    const answered = await untilRecorded(outcomes);
    for (const outcome of outcomes) onOutcome('answer' in outcome ? 'ok' : outcome.error.code);
    // One whose job was canceled meanwhile has no answer: a retry needs its picture.
    const done = outcomes.filter((_, i) => answered[i]);
    if (keepForMs === 0) return clearUp(done);
    const timer = setTimeout(() => {
      kept.delete(timer);
      void clearUp(done);
    }, keepForMs);
    kept.set(timer, done);
  }

  async function clearUp(outcomes: readonly Outcome[]): Promise<void> {
    const answered = outcomes.filter((outcome) => 'answer' in outcome);
    await Promise.all(answered.map(({ job, sha256 }) => pictures.remove(job, sha256).catch(() => undefined)));
    for (const job of new Set(outcomes.map(({ job }) => job))) await tidy(job);
  }

  /** Nobody else is given what this process has in hand: it would wait until the end of this one. */
  async function untilGivenBack(item: TakenItem): Promise<void> {
    while (!signal.aborted) {
      try {
        return await store.giveBack([item]);
      } catch {
        await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** An outcome is not lost because the books cannot be reached for a while. */
  async function untilRecorded(outcomes: readonly Outcome[]): Promise<readonly boolean[]> {
    for (;;) {
      try {
        return await store.record(outcomes);
      } catch (error) {
        if (signal.aborted) throw error;
        onFailure(toAppError(error));
        await sleep(LOOK_EVERY_MS, undefined, { signal });
      }
    }
  }

  /** A crash between record and removal leaves a picture behind. */
  async function tidy(id: string): Promise<void> {
    const job = await store.get(id).catch(() => undefined);
    if (!job || !isEnded(job) || job.options.thumbnails) return;
    if (job.counts.failed + job.counts.canceled === 0) await pictures.removeJob(id).catch(() => undefined);
  }

  /** An item is done or recorded, a job has come, or a second is over. */
  async function somethingHappens(): Promise<void> {
    if (!hasHappened && !signal.aborted) {
      await new Promise<void>((resolve) => {
        goOn = resolve;
        // While others are waited for, it is looked at again soon.
        timer = setTimeout(resolve, ready.length > 0 ? 50 : LOOK_EVERY_MS);
      });
    }
    clearTimeout(timer);
    hasHappened = false;
  }

  const running = run();

  async function close(): Promise<void> {
    closing.abort(new AppError('CLOSED', {}));
    wake();
    stopWatching();
    await running;
    await Promise.all(recording);
    for (const timer of kept.keys()) clearTimeout(timer);
    await Promise.all([...kept.values()].map(clearUp));
    const rest = [...ready.splice(0), ...working];
    if (rest.length > 0) await store.giveBack(rest).catch(() => undefined);
  }

  return { inHand, close };
}

/** If the worker ended each time, it is the picture. @throws the error, if it is another one */
function failedFor({ job, item, source }: TakenItem, error: AppError): Outcome {
  if (error.code !== 'WORKER_FAILED') throw error;
  return { job, item, sha256: 'sha256' in source ? source.sha256 : undefined, error: keptError(error) };
}
