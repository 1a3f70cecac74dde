/** MobileNetV2 of width 1, as in TorchVision. */
import { type Architecture, averageAndClassify, trainedLikeTorchVision } from './architecture.js';
import { convNorm, invertedResidual } from './inverted-residual.js';

/** How many times wider a block is inside, its channels, how often it comes, and its first stride. */
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;
const STEM = 32;
const HEAD = 1280;

export const mobilenetV2: Architecture = {
  name: 'mobilenet_v2',
  input: trainedLikeTorchVision('bilinear'),
  classifier: 'classifier.1',
  epsilon: 1e-5,
  matches: ({ fits, has }) =>
    fits('features.0.0.weight', [STEM, 3, 3, 3]) &&
    has('features.1.conv.0.0.weight') &&
    has('features.18.0.weight') &&
    has('classifier.1.weight'),
  build: (layers, input, classes) => {
    let x = layers.conv(input, 'features.0.0', {
      out: STEM,
      kernel: 3,
      stride: 2,
      norm: 'features.0.1',
      activation: 'relu6',
    });
    let index = 1;
    for (const [widening, out, count, firstStride] of STAGES) {
      for (let block = 0; block < count; block++, index++) {
        const module = `features.${index}.conv`;
        const depthwise = widening === 1 ? 0 : 1;
        const modules = {
          expand: widening === 1 ? undefined : convNorm(`${module}.0`),
          depthwise: convNorm(`${module}.${depthwise}`),
          project: { conv: `${module}.${depthwise + 1}`, norm: `${module}.${depthwise + 2}` },
          sum: `features.${index}.add`,
        };
        const stride = block === 0 ? firstStride : 1;
        const shape = { expanded: x.channels * widening, out, kernel: 3, stride, activation: 'relu6' } as const;
        x = invertedResidual(layers, x, modules, shape);
      }
    }
    const head = { out: HEAD, kernel: 1, norm: 'features.18.1', activation: 'relu6' } as const;
    return averageAndClassify(layers, layers.conv(x, 'features.18.0', head), 'classifier.1', classes);
  },
};
