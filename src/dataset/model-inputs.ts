/** Pictures from their files to a model's input, one after the other; the next ones are decoded meanwhile. */
import { readFile } from 'node:fs/promises';
import type { Settings } from '../config.js';
import { AppError, toAppError } from '../errors.js';
import { createDecoder } from '../image/decode.js';
import { decodeOptions } from '../image/decode-options.js';
import type { InputSpec } from '../image/input-spec.js';
import { createPreprocessor } from '../image/preprocess.js';

export interface ModelInput<Picture> {
  readonly picture: Picture;
  /** 3×height×width; the next one overwrites it. */
  readonly tensor: Float32Array;
}

export interface Unreadable<Picture> {
  readonly picture: Picture;
  readonly error: AppError;
}

const AHEAD = 3;

/**
 * Yields what each picture becomes, or why it becomes nothing, in their order.
 * @throws AppError ABORTED
 */
export async function* modelInputs<Picture extends { readonly path: string }>(
  pictures: readonly Picture[],
  spec: InputSpec,
  settings: Settings,
  signal: AbortSignal,
): AsyncGenerator<ModelInput<Picture> | Unreadable<Picture>> {
  const preprocessor = await createPreprocessor(spec);
  const decoder = createDecoder(decodeOptions(settings, AHEAD));
  const decode = (picture: Picture) =>
    readFile(picture.path)
      .then((bytes) => decoder.decode(bytes, signal))
      .catch((error: Error) => unreadable(picture.path, error));
  const ahead = pictures.slice(0, AHEAD).map(decode);
  try {
    for (const [i, picture] of pictures.entries()) {
      const image = await (ahead.shift() as ReturnType<typeof decode>);
      if (signal.aborted) throw new AppError('ABORTED', {});
      if (image instanceof AppError) yield { picture, error: image };
      else {
        const tensor = preprocessor.tensor(image);
        image.release();
        yield { picture, tensor };
      }
      const next = pictures[i + AHEAD];
      if (next) ahead.push(decode(next));
    }
  } finally {
    for (const image of await Promise.all(ahead)) if (!(image instanceof AppError)) image.release();
    await decoder.close();
  }
}

function unreadable(path: string, error: Error): AppError {
  if (error instanceof AppError) return error;
  return 'code' in error ? new AppError('FILE_UNREADABLE', { path, reason: error.message }) : toAppError(error);
}
