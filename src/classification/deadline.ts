/** One signal for both reasons to give up: the caller no longer wants the answer, or its time is over. */
import { AppError } from '../errors.js';

export interface Deadline {
  /** Aborted with an AppError: ABORTED or DEADLINE_EXCEEDED. */
  readonly signal: AbortSignal;
  /** Ends the watch; call it once the work has settled. */
  readonly clear: () => void;
}

/** A timer that would run longer fires at once instead; 24 days are as good as no deadline. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function startDeadline(deadlineMs: number, caller?: AbortSignal): Deadline {
  const controller = new AbortController();
  const abort = () => controller.abort(new AppError('ABORTED', {}, { cause: caller?.reason }));
  const expire = () => controller.abort(new AppError('DEADLINE_EXCEEDED', { deadlineMs }));
  const timer = deadlineMs <= LONGEST_TIMER_MS ? setTimeout(expire, deadlineMs) : undefined;
  if (caller?.aborted) abort();
  else caller?.addEventListener('abort', abort, { once: true });
  return {
    signal: controller.signal,
    clear: () => {
      clearTimeout(timer);
      caller?.removeEventListener('abort', abort);
    },
  };
}
