/** Pictures from their files to a model's input, one after the other; the next ones are decoded meanwhile. */
import type { Settings } from '../config.js';
import type { InputSpec } from '../image/input-spec.js';
import { createPreprocessor } from '../image/preprocess.js';
import { decodedPictures, type Unreadable } from './decoded-pictures.js';

export interface ModelInput<Picture> {
  readonly picture: Picture;
  /** 3×height×width; the next one overwrites it. */
  readonly tensor: Float32Array;
}

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
  for await (const one of decodedPictures(pictures, settings, signal)) {
    if ('error' in one) yield one;
    else {
      const tensor = preprocessor.tensor(one.image);
      one.image.release();
      yield { picture: one.picture, tensor };
    }
  }
}
