/** SqueezeNet 1.1 as in TorchVision. Its last layer is a convolution, whose maps are averaged into the logits. */
import { type Architecture, trainedLikeTorchVision } from './architecture.js';
import type { FeatureMap, Layers } from './layers.js';

const STEM = 64;
/** The module's number, channels in the middle, and channels of each of the two that are joined; `pool` comes between. */
const FIRES = [
  [3, 16, 64],
  [4, 16, 64],
  'pool',
  [6, 32, 128],
  [7, 32, 128],
  'pool',
  [9, 48, 192],
  [10, 48, 192],
  [11, 64, 256],
  [12, 64, 256],
] as const;

export const squeezenet: Architecture = {
  name: 'squeezenet1_1',
  input: trainedLikeTorchVision('bilinear'),
  classifier: 'classifier.1',
  epsilon: 0,
  matches: ({ fits, has }) => fits('features.0.weight', [STEM, 3, 3, 3]) && has('features.3.squeeze.weight'),
  build: (layers, input, classes) => {
    const stem = layers.conv(input, 'features.0', { out: STEM, kernel: 3, stride: 2, padding: 0, activation: 'relu' });
    let x = layers.maxPool(stem, 'features.2', 0);
    for (const [i, step] of FIRES.entries()) {
      x =
        step === 'pool' ? layers.maxPool(x, `pool.${i}`, 0) : fire(layers, x, `features.${step[0]}`, step[1], step[2]);
    }
    const featureMap = layers.named(x, 'feature_map');
    const embedding = layers.named(layers.globalAveragePool(featureMap, 'embedding.pool'), 'embedding');
    const classMaps = layers.conv(featureMap, 'classifier.1', { out: classes, kernel: 1, activation: 'relu' });
    return { featureMap, embedding, logits: layers.globalAveragePool(classMaps, 'avgpool') };
  },
};

function fire(layers: Layers, input: FeatureMap, module: string, squeezed: number, expanded: number): FeatureMap {
  const squeeze = layers.conv(input, `${module}.squeeze`, { out: squeezed, kernel: 1, activation: 'relu' });
  const small = layers.conv(squeeze, `${module}.expand1x1`, { out: expanded, kernel: 1, activation: 'relu' });
  const large = layers.conv(squeeze, `${module}.expand3x3`, { out: expanded, kernel: 3, activation: 'relu' });
  return layers.concat(small, large, `${module}.concat`);
}
