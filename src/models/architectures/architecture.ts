/** What an architecture is: how its checkpoints are recognised, how its graph is built, and how it was trained to see. */
import type { InputSpec } from '../../image/input-spec.js';
import type { FeatureMap, Layers, Vector } from './layers.js';
import type { Weights } from './weights.js';

export interface Architecture {
  /** As TorchVision or its authors call it. */
  readonly name: string;
  /** The preprocessing of its usual weights. */
  readonly input: InputSpec;
  /** The module whose number of outputs is the number of classes. */
  readonly classifier: string;
  /** BatchNorm's. */
  readonly epsilon: number;
  readonly matches: (weights: Pick<Weights, 'has' | 'fits'>) => boolean;
  readonly build: (layers: Layers, input: FeatureMap, classes: number) => Outputs;
}

interface Outputs {
  /** What is averaged into the embedding. */
  readonly featureMap: FeatureMap;
  /** What the last layer sees. */
  readonly embedding: Vector;
  readonly logits: Vector;
}

/** Most end so: each channel is averaged over the picture, and one linear layer, the `classifier`, makes classes of that. */
export function averageAndClassify(layers: Layers, last: FeatureMap, classifier: string, classes: number): Outputs {
  const featureMap = layers.named(last, 'feature_map');
  const embedding = layers.named(layers.globalAveragePool(featureMap, 'avgpool'), 'embedding');
  return { featureMap, embedding, logits: layers.linear(embedding, classifier, classes) };
}

/** ImageNet's mean and standard deviation, in pixel values. */
const MEAN = [123.675, 116.28, 103.53] as const;
const STD = [58.395, 57.12, 57.375] as const;

/** TorchVision's first weights of each network: 256 pixels on the short side, 224 cut from the middle. */
export const trainedLikeTorchVision = (filter: 'bilinear' | 'bicubic'): InputSpec => ({
  width: 224,
  height: 224,
  resize: { shortSide: 256, filter },
  mean: MEAN,
  std: STD,
});
