/** What becomes of a picture that may be anything. */
import type { Classifier } from '#kaiyan/classification/classifier.js';
import { AppError, type ErrorCode } from '#kaiyan/errors.js';

/** No picture may take longer, whatever it is. */
export const MOST_SECONDS = 25;

export type Verdict =
  | { readonly kind: 'answered'; readonly index: number; readonly seconds: number }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly seconds: number }
  /** An error that says nothing about the picture, or none in time. */
  | { readonly kind: 'other'; readonly reason: string; readonly seconds: number };

const aboutPictures = (code: ErrorCode) => code.startsWith('IMAGE_') || code === 'HEIC_UNAVAILABLE';

/** An answer, or an error that the table has for pictures; anything else is a defect. */
export async function judge(classifier: Classifier, bytes: Uint8Array): Promise<Verdict> {
  const begun = performance.now();
  const seconds = () => (performance.now() - begun) / 1000;
  try {
    const { predictions } = await within(MOST_SECONDS, classifier.classify(bytes));
    return { kind: 'answered', index: predictions[0]?.index ?? -1, seconds: seconds() };
  } catch (error) {
    if (error instanceof AppError && aboutPictures(error.code))
      return { kind: 'refused', code: error.code, seconds: seconds() };
    return { kind: 'other', reason: String(error), seconds: seconds() };
  }
}

/** The promise, or a rejection once the time is over. */
export async function within<T>(seconds: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing after ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Closes a classifier; the violation if it does not end. */
export async function closeInTime(classifier: Classifier): Promise<string[]> {
  try {
    await within(MOST_SECONDS, classifier.close());
    return [];
  } catch (error) {
    return [`close(): ${String(error)}`];
  }
}

export interface Tally {
  readonly add: (verdict: Verdict) => void;
  readonly slowest: () => number;
  /** "12 answered, 3 documented errors (IMAGE_CORRUPT 2, IMAGE_TOO_LARGE 1), 0 others". */
  readonly words: () => string;
}

export function createTally(): Tally {
  const counts = { answered: 0, refused: 0, other: 0 };
  const codes = new Map<string, number>();
  let slowest = 0;
  return {
    add: (verdict) => {
      counts[verdict.kind] += 1;
      slowest = Math.max(slowest, verdict.seconds);
      if (verdict.kind === 'refused') codes.set(verdict.code, (codes.get(verdict.code) ?? 0) + 1);
    },
    slowest: () => slowest,
    words: () => {
      const list = [...codes].sort(([, a], [, b]) => b - a).map(([code, count]) => `${code} ${count}`);
      const detail = list.length > 0 ? ` (${list.join(', ')})` : '';
      return `${counts.answered} answered, ${counts.refused} documented errors${detail}, ${counts.other} others`;
    },
  };
}
