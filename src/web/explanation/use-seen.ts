/** What the service says of one picture: its whole answer, where that came from, and what the network was given of it. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { refusedWith } from '../api/call.ts';
import { classify, sameModelAs } from '../api/classify.ts';
import { explain } from '../api/explain.ts';
import { descriptionOf, useModel } from '../api/models.ts';
import type { Classification, Explanation } from '../api/types.ts';
import type { Picture } from '../pictures/collection.ts';
import { pixelsOf } from '../pictures/drawn.ts';
import { usePreferences } from '../preferences/preferences.ts';
import { type Lens, lensOf } from './lens.ts';

const KEPT = { staleTime: Number.POSITIVE_INFINITY } as const;

/** What the answers with all classes are kept under. */
export const WHOLE_ANSWER = ['whole-answer'] as const;

/** More classes than any model has: what is not among the first is compared too. */
export const ALL_CLASSES = 1000;

export interface Seen {
  /** With all classes. */
  readonly answer: Classification | undefined;
  readonly explanation: Explanation | undefined;
  readonly lens: Lens | undefined;
  readonly error: Error | null;
  readonly retry: () => void;
}

/** `index` is the class whose heat is wanted; undefined for the most probable one. */
export function useSeen({ id, file }: Picture, index?: number): Seen {
  const { language, threshold, key } = usePreferences();
  const answer = useQuery({
    queryKey: [...WHOLE_ANSWER, id, language, threshold, key],
    queryFn: ({ signal }) => classify(file, { signal, top: ALL_CLASSES }),
    placeholderData: (known, query) => (query?.queryKey[1] === id ? known : undefined),
    ...KEPT,
  });
  // One after the other: who looks at one picture takes one place in the queue.
  const first = useExplanation({ id, file }, answer.data);
  const picked = useExplanation({ id, file }, first.data && answer.data, index, index !== undefined);
  // Of a class that cannot be had now, what is there stays: nothing that was done to the picture is lost.
  const explanation = picked.data ?? first.data;
  const described = useModel(explanation && referenceOf(explanation), KEPT);
  const { picture, crop } = explanation ?? {};
  const input = described.data?.input;
  // The same one for every class, so that nothing is drawn again for another.
  const place = picture && crop && input && JSON.stringify([picture, crop, input]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `place` is what the others say
  const lens = useMemo(() => (picture && crop && input ? lensOf({ picture, crop }, input) : undefined), [place]);
  const asked = index === undefined || !first.data ? first : picked;
  const failed = [answer, asked, described].filter(({ isError }) => isError);
  return {
    answer: answer.data,
    explanation,
    lens,
    error: failed[0]?.error ?? null,
    retry: () => {
      for (const { refetch } of failed) void refetch();
    },
  };
}

const referenceOf = ({ model: { name, version } }: Explanation): string => `${name}@${version}`;

/** Of an answer, by the model that gave it; nothing is asked while there is none, or it is not `wanted`. */
function useExplanation(
  { id, file }: Omit<Picture, 'url'>,
  answer: Classification | undefined,
  index?: number,
  wanted = true,
) {
  const { language, key } = usePreferences();
  const queries = useQueryClient();
  const model = answer && sameModelAs(answer);
  return useQuery({
    queryKey: ['explanation', id, model, index, language, key],
    queryFn: async ({ signal }) => {
      try {
        const explanation = await explain(file, { ...model, class: index, signal });
        // So that nothing that is drawn by it goes away until it is known.
        await queries.prefetchQuery({ ...descriptionOf(referenceOf(explanation), key), ...KEPT });
        return explanation;
      } catch (error) {
        // That model was removed: what answers now is asked, and explains what it says itself.
        if (isOfNoModel(error)) await queries.invalidateQueries({ queryKey: [...WHOLE_ANSWER, id] });
        throw error;
      }
    },
    enabled: model !== undefined && wanted,
    placeholderData: (known, query) => (query?.queryKey[1] === id ? known : undefined),
    ...KEPT,
  });
}

export const isOfNoModel = (error: unknown): boolean => refusedWith(error)?.code === 'MODEL_NOT_FOUND';

/** Larger than any screen shows it, and small enough for a telephone's memory. */
const LONGEST_SIDE = 2048;

/** The pixels of a picture, upright; undefined until they are there, null if neither the browser nor the service has them. */
export function useBitmap({ file }: Picture): ImageBitmap | null | undefined {
  const [bitmap, setBitmap] = useState<ImageBitmap | null>();
  useEffect(() => {
    const ending = new AbortController();
    let made: ImageBitmap | undefined;
    bitmapOf(file, ending.signal).then(
      (ready) => {
        made = ready;
        if (ending.signal.aborted) ready.close();
        else setBitmap(ready);
      },
      () => ending.signal.aborted || setBitmap(null),
    );
    return () => {
      ending.abort();
      made?.close();
      setBitmap(undefined);
    };
  }, [file]);
  return bitmap;
}

async function bitmapOf(file: Blob, signal: AbortSignal): Promise<ImageBitmap> {
  const whole = await pixelsOf(file, signal);
  const opaque = file.type === 'image/jpeg' ? whole : onWhite(whole);
  const scale = LONGEST_SIDE / Math.max(opaque.width, opaque.height);
  if (scale >= 1) return opaque;
  const resizeWidth = Math.round(opaque.width * scale);
  const smaller = await createImageBitmap(opaque, { resizeWidth, resizeQuality: 'high' });
  opaque.close();
  return smaller;
}

/** As the service gives networks what is transparent; closes what it is given. */
function onWhite(bitmap: ImageBitmap): ImageBitmap {
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { alpha: false });
  if (!context) return bitmap;
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas.transferToImageBitmap();
}
