/** The answers of `classify` and `watch`: pictures through a classifier to where their results go. */
import { type Classifier, createClassifier } from '../classification/classifier.js';
import type { Settings } from '../config.js';
import { isOtherFile } from '../dataset/read-picture.js';
import { toAppError } from '../errors.js';
import { mapInOrder } from '../map-in-order.js';
import { type Input, readInput } from './inputs.js';
import type { Progress } from './progress.js';
import type { Outcome } from './results/outcome.js';
import type { Sink } from './results/sink.js';

/** `no picture` is a file that was found in a folder and is something else, by its name too; `given up` what Ctrl-C came before. */
export type Answer = Outcome | 'no picture' | 'given up';

/** The window of `answerAll` bounds what is in work: a folder is not refused by its own queue. */
export const createUnboundedClassifier = (settings: Settings): Promise<Classifier> =>
  createClassifier({
    ...settings,
    queueRequests: Number.MAX_SAFE_INTEGER,
    queueBytes: Number.MAX_SAFE_INTEGER,
    deadlineMs: Number.MAX_SAFE_INTEGER,
  });

export interface Answering {
  readonly classifier: Classifier;
  readonly signal: AbortSignal;
  /** Whether what is in work gets its answer after Ctrl-C. */
  readonly finish: boolean;
}

/** Never rejects. */
export async function answer(input: Input, { classifier, signal, finish }: Answering): Promise<Answer> {
  const { file } = input;
  try {
    const bytes = await readInput(input, classifier.maxBytes, signal);
    return { file, classification: await classifier.classify(bytes, finish ? {} : { signal }) };
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.code === 'ABORTED') return 'given up';
    return input.found && isOtherFile(file, error) ? 'no picture' : { file, error };
  }
}

export interface Batch<Item> {
  readonly items: AsyncIterable<Item>;
  readonly work: (item: Item) => Promise<Answer>;
  readonly concurrency: number;
  readonly sink: Sink;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Closes the sink. Resolves to what failed, and what was no picture. @throws AppError OUTPUT_UNWRITABLE */
export async function answerAll<Item>({ items, work, concurrency, sink, progress, signal }: Batch<Item>) {
  let [failed, skipped, finished] = [0, 0, false];
  try {
    for await (const answered of mapInOrder(items, concurrency, work, signal)) {
      progress.step();
      if (answered === 'no picture') skipped += 1;
      if (typeof answered === 'string') continue;
      if ('error' in answered) failed += 1;
      await sink.take(answered);
    }
    finished = !signal.aborted;
  } finally {
    progress.hide();
    await sink.close(finished);
  }
  return { failed, skipped };
}
