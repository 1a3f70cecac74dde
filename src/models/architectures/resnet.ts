/** ResNet-18, 34, 50 and 101 as in TorchVision, which has the stride in the middle convolution of a bottleneck. */
import { type Architecture, averageAndClassify, trainedLikeTorchVision } from './architecture.js';
import type { FeatureMap, Layers } from './layers.js';

interface Variant {
  readonly name: string;
  /** Blocks in each of the four layers. */
  readonly blocks: readonly [number, number, number, number];
  readonly bottleneck: boolean;
}

const variants: readonly Variant[] = [
  { name: 'resnet18', blocks: [2, 2, 2, 2], bottleneck: false },
  { name: 'resnet34', blocks: [3, 4, 6, 3], bottleneck: false },
  { name: 'resnet50', blocks: [3, 4, 6, 3], bottleneck: true },
  { name: 'resnet101', blocks: [3, 4, 23, 3], bottleneck: true },
];

const STEM = 64;
const EXPANSION = 4;

export const resnets: readonly Architecture[] = variants.map(({ name, blocks, bottleneck }) => ({
  name,
  input: trainedLikeTorchVision('bilinear'),
  classifier: 'fc',
  epsilon: 1e-5,
  matches: ({ fits, has }) =>
    fits('conv1.weight', [STEM, 3, 7, 7]) &&
    has('layer1.0.conv3.weight') === bottleneck &&
    blocks.every(
      (count, i) => has(`layer${i + 1}.${count - 1}.conv1.weight`) && !has(`layer${i + 1}.${count}.conv1.weight`),
    ),
  build: (layers, input, classes) => {
    const stem = layers.conv(input, 'conv1', {
      out: STEM,
      kernel: 7,
      stride: 2,
      norm: 'bn1',
      activation: 'relu',
    });
    let x = layers.maxPool(stem, 'maxpool', 1);
    for (const [i, count] of blocks.entries()) {
      for (let block = 0; block < count; block++) {
        const stride = i > 0 && block === 0 ? 2 : 1;
        const make = bottleneck ? bottleneckBlock : basicBlock;
        x = make(layers, x, `layer${i + 1}.${block}`, STEM * 2 ** i, stride);
      }
    }
    return averageAndClassify(layers, x, 'fc', classes);
  },
}));

function basicBlock(layers: Layers, x: FeatureMap, module: string, width: number, stride: number): FeatureMap {
  const first = layers.conv(x, `${module}.conv1`, {
    out: width,
    kernel: 3,
    stride,
    norm: `${module}.bn1`,
    activation: 'relu',
  });
  const second = layers.conv(first, `${module}.conv2`, { out: width, kernel: 3, norm: `${module}.bn2` });
  return layers.add(second, shortcut(layers, x, module, width, stride), `${module}.add`, 'relu');
}

function bottleneckBlock(layers: Layers, x: FeatureMap, module: string, width: number, stride: number): FeatureMap {
  const out = width * EXPANSION;
  const conv = (from: FeatureMap, n: number, size: { out: number; kernel: number; stride?: number }, last = false) =>
    layers.conv(from, `${module}.conv${n}`, {
      ...size,
      norm: `${module}.bn${n}`,
      activation: last ? undefined : 'relu',
    });
  const first = conv(x, 1, { out: width, kernel: 1 });
  const second = conv(first, 2, { out: width, kernel: 3, stride });
  const third = conv(second, 3, { out, kernel: 1 }, true);
  return layers.add(third, shortcut(layers, x, module, out, stride), `${module}.add`, 'relu');
}

function shortcut(layers: Layers, x: FeatureMap, module: string, out: number, stride: number): FeatureMap {
  if (stride === 1 && x.channels === out) return x;
  return layers.conv(x, `${module}.downsample.0`, { out, kernel: 1, stride, norm: `${module}.downsample.1` });
}
