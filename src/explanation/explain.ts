/** Where in a picture the answer came from, for one class: a grid over the part that the network was given. */
import { type Classification, type Prediction, timingOf } from '../classification/classification.js';
import type { Classifier, ClassifyOptions } from '../classification/classifier.js';
import type { Inspection } from '../classification/inspection.js';
import { softmax } from '../classification/predictions.js';
import { AppError } from '../errors.js';
import { type Part, shownPart } from '../image/geometry.js';
import type { Grid } from '../image/heat.js';
import type { InferenceResult } from '../inference/protocol.js';
import { className } from '../labels/label-set.js';
import { referenceOf } from '../models/reference.js';
import { classMap, fits } from './class-map.js';
import { findClass } from './find-class.js';
import { occlusionMap } from './occlusion.js';
import { headOf } from './read-head.js';

/** `class-map` is of networks that make a map of each class themselves, such as SqueezeNet. */
export type Method = 'class-activation-map' | 'class-map' | 'occlusion';

export interface ExplainedClass extends Prediction {
  readonly logit: number;
  /** The logit less the mean of the grid, where the grid is exact; null for occlusion. */
  readonly bias: number | null;
}

export interface Explanation extends Pick<Classification, 'model' | 'predictions' | 'timing'> {
  readonly class: ExplainedClass;
  readonly method: Method;
  /**
   * Whether the grid is how the network comes to its answer: then its mean and the bias make the logit (in 8 bits but for
   * what is rounded after the feature map). Else it was found by covering parts of the picture.
   */
  readonly exact: boolean;
  /** In parts of the logit where it is exact; by occlusion, how much less probable the class is with the cell covered. */
  readonly grid: Grid;
  /** The part that the network was given, in pixels of the upright picture, also parts of one. */
  readonly crop: Part;
  /** The upright picture, in pixels. */
  readonly picture: { readonly width: number; readonly height: number };
}

export interface ExplainOptions extends ClassifyOptions {
  /** An index, a WordNet id, or a name in either language (of several with that name the most probable); the best class if not given. */
  readonly class?: number | string | undefined;
}

/**
 * Explains one picture (the bytes of its file). Exact for networks that end in a mean over the picture and one linear layer;
 * for others 49 further runs.
 * @throws AppError CLASS_NOT_FOUND, and as `classify` of the classifier
 */
export function explain(
  { inspect }: Pick<Classifier, 'inspect'>,
  bytes: Uint8Array,
  { class: wanted, ...options }: ExplainOptions = {},
): Promise<Explanation> {
  const begun = performance.now();
  return inspect(bytes, { ...options, outputs: ['featureMap'] }, async (inspection) => {
    const { classification, logits, bundle, picture, lang } = inspection;
    const { labels, manifest } = bundle;
    const probabilities = softmax(logits, manifest.temperature);
    const index = findClass(wanted, labels, probabilities);
    if (index === undefined) {
      const expected = `a class of ${referenceOf(manifest)} (0 to ${labels.classes.length - 1}, or a name)`;
      throw new AppError('CLASS_NOT_FOUND', { expected, found: `${wanted}` });
    }
    const explained = (await exactly(inspection, index)) ?? (await byTrying(inspection, index, probabilities));
    const { model, predictions, timing } = classification;
    const inferenceMs = timing.inferenceMs + explained.ranMs;
    return {
      model,
      class: {
        ...{ index, wnid: labels.classes[index]?.[0] ?? null, label: className(labels, index, lang) },
        probability: rounded(probabilities[index] as number),
        logit: rounded(logits[index] as number),
        bias: explained.bias === null ? null : rounded(explained.bias),
      },
      method: explained.method,
      exact: explained.method !== 'occlusion',
      grid: { ...explained.grid, values: explained.grid.values.map(rounded) },
      crop: shownPart(picture.width, picture.height, manifest.input),
      picture,
      predictions,
      timing: timingOf(timing.decodeMs, inferenceMs, performance.now() - begun),
    };
  });
}

interface Explained {
  readonly method: Method;
  readonly grid: Grid;
  readonly bias: number | null;
  /** What further runs took, in milliseconds. */
  readonly ranMs: number;
}

/** Undefined for a network that has to be tried. */
async function exactly({ outputs, bundle, file, logits }: Inspection, index: number): Promise<Explained | undefined> {
  const featureMap = outputs.get('featureMap');
  const name = bundle.manifest.output.featureMap;
  const head = featureMap && name !== undefined ? await headOf(file, name) : undefined;
  if (!featureMap || !head || !fits(head, featureMap)) return undefined;
  const grid = classMap(head, featureMap, index);
  const bias = head.limits ? 0 : head.biasOf(index);
  if (!makesLogit(grid, bias, logits, index)) return undefined;
  return { method: head.limits ? 'class-map' : 'class-activation-map', grid, bias, ranMs: 0 };
}

/** Of the range of the logits: more than 8-bit numbers on the way are off. */
const ROUNDED = 0.02;

/** What was read from the graph is believed if it comes to the logit that the network gave. */
function makesLogit({ values }: Grid, bias: number, logits: Float32Array, index: number): boolean {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const [least, most] = logits.reduce(
    ([low, high], logit) => [Math.min(low, logit), Math.max(high, logit)],
    [Infinity, -Infinity],
  );
  return Math.abs(mean + bias - (logits[index] as number)) <= 1e-3 + ROUNDED * (most - least);
}

async function byTrying(
  { crop, bundle, runCrop }: Inspection,
  index: number,
  probabilities: Float64Array,
): Promise<Explained> {
  const { input, temperature } = bundle.manifest;
  let ranMs = 0;
  const take = ({ logits, preprocessMs, inferenceMs }: InferenceResult) => {
    ranMs += preprocessMs + inferenceMs;
    return softmax(logits, temperature)[index] as number;
  };
  const grid = await occlusionMap({
    ...{ crop, spec: input, probability: probabilities[index] as number },
    probabilityOf: (pixels) => runCrop(pixels).then(take),
  });
  return { method: 'occlusion', grid, bias: null, ranMs };
}

/** Six decimals: more than a float32 model can promise. */
const rounded = (value: number) => Math.round(value * 1e6) / 1e6;
