/** An explanation drawn over its picture, from the pixels that the answer was made of. */
import type { Classifier, ClassifyOptions } from '../classification/classifier.js';
import { type Canvas, drawHeat, prepareCanvas } from '../image/heat.js';
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
  let canvas: Promise<Canvas> | undefined;
  const sharing: ClassifyOptions['sharing'] = {
    through: (decoder) => async (bytes, signal) => {
      const image = await decoder.decode(bytes, signal);
      const prepared = prepareCanvas(image);
      canvas = prepared;
      const settled = prepared.then(
        () => undefined,
        () => undefined,
      );
      // Once it is copied, and not after all the runs that an explanation may take: other pictures wait for the room.
      return { ...image, release: () => void settled.then(image.release) };
    },
  };
  const explanation = await explain(classifier, bytes, { ...options, sharing });
  const { grid, crop } = explanation;
  return { explanation, png: await drawHeat((await canvas) as Canvas, grid, { crop, opacity }) };
}
