/** What the camera sees, as a steady answer; of a frozen picture, its own answer. */
import { type RefObject, useEffect, useState } from 'react';
import { type Figures, figuresOf, type Measured, remember } from './figures.ts';
import { type Frame, recognise, recogniseOnce } from './recognition.ts';
import { type Smoothed, smooth } from './smoothing.ts';

/** Frames are sent while it is `live`; of a `still` picture the answer is asked for once. */
export type Watched = 'live' | 'still' | 'paused';

export interface Recognised {
  readonly smoothed: Smoothed | undefined;
  readonly figures: Figures | undefined;
  /** Why the last frame had no answer, and whether further ones are sent; undefined again once one has. */
  readonly problem: { readonly error: unknown; readonly goesOn: boolean } | undefined;
}

interface Seen extends Omit<Recognised, 'figures'> {
  readonly measured: readonly Measured[];
}

const NOTHING: Seen = { smoothed: undefined, problem: undefined, measured: [] };
/** More than are shown, so that a class that comes and goes at the end of a list is averaged rightly. */
const FRAME_TOP = 20;

/** `side` is that of a frame, in pixels; `model` the one that is asked, the active one if not given. Give its component a `key` of what the answers depend on. */
export function useRecognition(
  video: RefObject<HTMLVideoElement | null>,
  watching: Watched,
  side: number,
  model?: string,
): Recognised {
  const [{ measured, ...seen }, setSeen] = useState(NOTHING);

  useEffect(() => {
    const element = video.current;
    if (watching === 'paused' || !element) return;
    const ending = new AbortController();
    const { signal } = ending;
    const request = { video: element, side, model, top: FRAME_TOP, signal };
    const onProblem = (error: unknown, goesOn: boolean) =>
      setSeen(({ smoothed }) => ({ smoothed, measured: [], problem: { error, goesOn } }));
    if (watching === 'live')
      void recognise({ ...request, onFrame: (frame) => setSeen((before) => withFrame(before, frame)), onProblem });
    else
      recogniseOnce(request).then(
        (frame) => setSeen(withFrame(NOTHING, frame)),
        (error: unknown) => signal.aborted || onProblem(error, false),
      );
    return () => ending.abort();
  }, [video, watching, side, model]);

  return { ...seen, figures: figuresOf(measured) };
}

function withFrame({ smoothed, measured }: Seen, { classification, caughtMs, latencyMs }: Frame): Seen {
  const { inferenceMs } = classification.timing;
  return {
    smoothed: smooth(smoothed, classification, caughtMs),
    measured: remember(measured, { atMs: caughtMs + latencyMs, latencyMs, modelMs: inferenceMs }),
    problem: undefined,
  };
}
