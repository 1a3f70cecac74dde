/** The answers that were wrong and sounded sure, with their pictures. */
import type { Settings } from '../config.js';
import { readPicture } from '../dataset/read-picture.js';
import { AppError } from '../errors.js';
import { createDecoder } from '../image/decode.js';
import { decodeOptions } from '../image/decode-options.js';
import { makeThumbnail } from '../image/thumbnail.js';
import type { Mistake } from './evaluation.js';
import type { Judged } from './judge.js';
import { isRight } from './outcome.js';

/** Mistakes that an evaluation keeps, and how many of them have a picture. */
const KEPT = 100;
const SHOWN = 24;
const SIDE = 192;

interface MistakeOptions {
  readonly settings: Settings;
  readonly signal: AbortSignal;
  readonly thumbnails: number | undefined;
}

/** The most confident first, at most 100. @throws AppError ABORTED */
export async function collectMistakes(
  answered: readonly Judged[],
  { settings, signal, thumbnails = SHOWN }: MistakeOptions,
): Promise<Mistake[]> {
  const worst = answered
    .filter(({ outcome }) => !isRight(outcome))
    .sort((a, b) => b.outcome.probability - a.outcome.probability)
    .slice(0, KEPT);
  const decoder = createDecoder(decodeOptions(settings, 1));
  const mistakes: Mistake[] = [];
  try {
    for (const [i, { picture, outcome }] of worst.entries()) {
      if (signal.aborted) throw new AppError('ABORTED', {});
      const { truth, predicted, probability, truthProbability } = outcome;
      // It was answered, so it could be read; a file that is gone meanwhile has no picture here.
      const jpeg =
        i < thumbnails
          ? await readPicture(picture.path, settings.maxBytes)
              .then((bytes) => makeThumbnail(bytes, { decode: decoder.decode, signal, side: SIDE }))
              .catch(() => undefined)
          : undefined;
      const thumbnail = jpeg ? Buffer.from(jpeg).toString('base64') : null;
      mistakes.push({ name: picture.name, truth, predicted, probability, truthProbability, thumbnail });
    }
  } finally {
    await decoder.close();
  }
  return mistakes;
}
