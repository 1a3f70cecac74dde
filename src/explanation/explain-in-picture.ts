/** An explanation drawn over its picture, from the pixels that the answer was made of. */
import type { Classifier } from '../classification/classifier.js';
import { shareDecoding } from '../classification/shared-decoding.js';
import { drawHeat } from '../image/heat.js';
import type { DecodedImage } from '../image/input-spec.js';
import { type ExplainOptions, type Explanation, explain } from './explain.js';

export interface DrawnExplanation {
  readonly explanation: Explanation;
  /** The upright picture, at most 1024 pixels a side, with the heat over what the network was given. */
  readonly png: Uint8Array;
}

/** `opacity` of the heat: 0..1. @throws AppError as `explain` does */
export async function explainInPicture(
  classifier: Pick<Classifier, 'inspect'>,
  bytes: Uint8Array,
  { opacity, ...options }: Omit<ExplainOptions, 'sharing'> & { readonly opacity: number },
): Promise<DrawnExplanation> {
  const sharing = shareDecoding();
  try {
    const explanation = await explain(classifier, bytes, { ...options, sharing });
    const image = (await sharing.image()) as DecodedImage;
    return { explanation, png: await drawHeat(image, explanation.grid, { crop: explanation.crop, opacity }) };
  } finally {
    sharing.release();
  }
}
