/**
 * EfficientNet-B0 as in TorchVision, and EfficientNet-Lite0 to 2 as in the package efficientnet_lite_pytorch: without
 * squeeze and excitation, with ReLU6, and with TensorFlow's padding.
 */
import { type Architecture, averageAndClassify, trainedLikeTorchVision } from './architecture.js';
import { convNorm, divisibleBy8, invertedResidual } from './inverted-residual.js';

/** How many times wider a block is inside, kernel, first stride, channels, how often it comes. */
const STAGES = [
  [1, 3, 1, 16, 1],
  [6, 3, 2, 24, 2],
  [6, 5, 2, 40, 2],
  [6, 3, 2, 80, 3],
  [6, 5, 1, 112, 3],
  [6, 5, 2, 192, 4],
  [6, 3, 1, 320, 1],
] as const;
const STEM = 32;
const HEAD = 1280;

export const efficientnetB0: Architecture = {
  name: 'efficientnet_b0',
  input: trainedLikeTorchVision('bicubic'),
  classifier: 'classifier.1',
  epsilon: 1e-5,
  matches: ({ fits, has }) =>
    fits('features.0.0.weight', [STEM, 3, 3, 3]) &&
    has('features.1.0.block.0.0.weight') &&
    STAGES.every(([, , , , count], i) => !has(`features.${i + 1}.${count}.block.0.0.weight`)) &&
    has('features.8.0.weight'),
  build: (layers, input, classes) => {
    let x = layers.conv(input, 'features.0.0', {
      out: STEM,
      kernel: 3,
      stride: 2,
      norm: 'features.0.1',
      activation: 'silu',
    });
    for (const [stage, [widening, kernel, firstStride, out, count]] of STAGES.entries()) {
      for (let block = 0; block < count; block++) {
        const module = `features.${stage + 1}.${block}.block`;
        const depthwise = widening === 1 ? 0 : 1;
        const modules = {
          expand: widening === 1 ? undefined : convNorm(`${module}.0`),
          depthwise: convNorm(`${module}.${depthwise}`),
          squeeze: `${module}.${depthwise + 1}`,
          project: convNorm(`${module}.${depthwise + 2}`),
          sum: `features.${stage + 1}.${block}.add`,
        };
        x = invertedResidual(layers, x, modules, {
          expanded: x.channels * widening,
          out,
          kernel,
          stride: block === 0 ? firstStride : 1,
          activation: 'silu',
          squeeze: { channels: Math.floor(x.channels / 4), kind: 'silu, sigmoid' },
        });
      }
    }
    const head = { out: HEAD, kernel: 1, norm: 'features.8.1', activation: 'silu' } as const;
    return averageAndClassify(layers, layers.conv(x, 'features.8.0', head), 'classifier.1', classes);
  },
};

interface LiteVariant {
  readonly name: string;
  readonly wider: number;
  readonly deeper: number;
  readonly size: number;
}

const liteVariants: readonly LiteVariant[] = [
  { name: 'efficientnet-lite0', wider: 1, deeper: 1, size: 224 },
  { name: 'efficientnet-lite1', wider: 1, deeper: 1.1, size: 240 },
  { name: 'efficientnet-lite2', wider: 1.1, deeper: 1.2, size: 260 },
];

export const efficientnetsLite: readonly Architecture[] = liteVariants.map(({ name, wider, deeper, size }) => {
  // The first and the last stage keep their depth, and the stem and the head their width.
  const stages = STAGES.map(([widening, kernel, stride, out, count], i) => ({
    widening,
    kernel,
    stride,
    out: divisibleBy8(out * wider),
    count: i === 0 || i === STAGES.length - 1 ? count : Math.ceil(count * deeper),
  }));
  const blocks = stages.reduce((sum, { count }) => sum + count, 0);
  const [before, end] = stages.slice(-2).map(({ out }) => out) as [number, number];
  const last = [end, before * 6, 1, 1];
  return {
    name,
    input: {
      width: size,
      height: size,
      resize: { shortSide: size + 32, filter: 'bicubic' },
      mean: [127, 127, 127],
      std: [128, 128, 128],
    },
    classifier: '_fc',
    epsilon: 1e-3,
    matches: ({ fits, has }) =>
      fits('_conv_stem.weight', [STEM, 3, 3, 3]) &&
      fits(`_blocks.${blocks - 1}._project_conv.weight`, last) &&
      !has(`_blocks.${blocks}._depthwise_conv.weight`) &&
      !has('_blocks.0._se_reduce.weight'),
    build: (layers, input, classes) => {
      const stem = { out: STEM, kernel: 3, stride: 2, padding: 'same', norm: '_bn0', activation: 'relu6' } as const;
      let x = layers.conv(input, '_conv_stem', stem);
      let index = 0;
      for (const { widening, kernel, stride, out, count } of stages) {
        for (let block = 0; block < count; block++, index++) {
          const module = (part: string) => `_blocks.${index}.${part}`;
          const modules = {
            expand: widening === 1 ? undefined : { conv: module('_expand_conv'), norm: module('_bn0') },
            depthwise: { conv: module('_depthwise_conv'), norm: module('_bn1') },
            project: { conv: module('_project_conv'), norm: module('_bn2') },
            sum: module('add'),
          };
          x = invertedResidual(layers, x, modules, {
            expanded: x.channels * widening,
            out,
            kernel,
            stride: block === 0 ? stride : 1,
            padding: 'same',
            activation: 'relu6',
          });
        }
      }
      const head = { out: HEAD, kernel: 1, norm: '_bn1', activation: 'relu6' } as const;
      return averageAndClassify(layers, layers.conv(x, '_conv_head', head), '_fc', classes);
    },
  };
});
