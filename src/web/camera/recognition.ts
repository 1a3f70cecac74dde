/** Asks about one frame after the other, as long as it may; one is under way at a time. */
import { CallError, refusedWith } from '../api/call.ts';
import { classify } from '../api/classify.ts';
import type { Classification } from '../api/types.ts';
import { createFrameCatcher } from './frame.ts';
import { fullPace, quicken, slowDown, waitOf } from './pace.ts';

export interface Frame {
  readonly classification: Classification;
  /** When it was caught, on the clock of `performance.now()`. */
  readonly caughtMs: number;
  /** From then to its answer. */
  readonly latencyMs: number;
}

export interface Recognition {
  readonly video: HTMLVideoElement;
  /** Pixels of a frame's side. */
  readonly side: number;
  /** The active one, if undefined. */
  readonly model?: string | undefined;
  /** Predictions asked for. */
  readonly top: number;
  readonly signal: AbortSignal;
  readonly onFrame: (frame: Frame) => void;
  /** Why the last frame has no answer; it goes on if `goesOn`, after a while. */
  readonly onProblem: (error: unknown, goesOn: boolean) => void;
}

/** Ends when `signal` is aborted, or when a frame is refused for a reason that will not pass. */
export async function recognise(recognition: Recognition): Promise<void> {
  const { video, signal, onFrame, onProblem } = recognition;
  const ask = createAsking(recognition);
  const frames = watchFrames(video, signal);
  let pace = fullPace;
  while (!signal.aborted) {
    await frames.next();
    if (signal.aborted) return;
    const caughtMs = performance.now();
    try {
      onFrame(await ask());
      pace = quicken(pace);
    } catch (error) {
      if (signal.aborted) return;
      const goesOn = isPassing(error);
      onProblem(error, goesOn);
      if (!goesOn) return;
      pace = slowDown(pace, retryAfterOf(error));
    }
    await wait(waitOf(pace, performance.now() - caughtMs), signal);
  }
}

/** Asks about the frame that is there. @throws CallError */
export async function recogniseOnce(recognition: Omit<Recognition, 'onFrame' | 'onProblem'>): Promise<Frame> {
  return createAsking(recognition)();
}

function createAsking({ video, side, model, top, signal }: Omit<Recognition, 'onFrame' | 'onProblem'>) {
  const catchFrame = createFrameCatcher();
  return async (): Promise<Frame> => {
    const caughtMs = performance.now();
    const classification = await classify(await catchFrame(video, side), {
      top,
      signal,
      ...(model !== undefined && { model }),
    });
    signal.throwIfAborted();
    return { classification, caughtMs, latencyMs: performance.now() - caughtMs };
  };
}

/** A service that is busy or restarts is there again soon; what it does not understand it will not understand later. */
const isPassing = (error: unknown): boolean =>
  error instanceof CallError &&
  (error.problem.kind === 'silent' || (error.problem.kind === 'refused' && PASSING.has(error.problem.status)));
const PASSING = new Set([408, 429, 500, 502, 503, 504]);

const retryAfterOf = (error: unknown): number | null => refusedWith(error)?.retryAfter ?? null;

interface NewFrames {
  /** Until the video shows a picture that was not there at the last call; at once if it does by now. */
  readonly next: () => Promise<void>;
}

/** Where a browser does not tell of each picture, each drawing of the screen counts as one. */
function watchFrames(video: HTMLVideoElement, signal: AbortSignal): NewFrames {
  const hears = 'requestVideoFrameCallback' in video;
  let isNew = false;
  let heard: (() => void) | undefined;
  const listen = (): number => (hears ? video.requestVideoFrameCallback(hear) : requestAnimationFrame(hear));
  const hear = () => {
    handle = listen();
    isNew = video.videoWidth > 0;
    if (isNew) heard?.();
  };
  let handle = listen();
  signal.addEventListener('abort', () => {
    if (hears) video.cancelVideoFrameCallback(handle);
    else cancelAnimationFrame(handle);
    heard?.();
  });
  return {
    next: async () => {
      if (!isNew && !signal.aborted)
        await new Promise<void>((resolve) => {
          heard = resolve;
        });
      isNew = false;
    },
  };
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
