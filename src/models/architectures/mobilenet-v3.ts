/** MobileNetV3 small and large, as in TorchVision. Their embedding is what the last layer sees, after the hidden one. */
import { type Architecture, trainedLikeTorchVision } from './architecture.js';
import { convNorm, divisibleBy8, invertedResidual } from './inverted-residual.js';

/** Kernel, channels inside, channels out, squeeze and excitation, activation, stride. */
type Block = readonly [3 | 5, number, number, boolean, 'relu' | 'hardswish', 1 | 2];

interface Variant {
  readonly name: string;
  readonly blocks: readonly Block[];
  readonly head: number;
  readonly hidden: number;
}

const variants: readonly Variant[] = [
  {
    name: 'mobilenet_v3_small',
    blocks: [
      [3, 16, 16, true, 'relu', 2],
      [3, 72, 24, false, 'relu', 2],
      [3, 88, 24, false, 'relu', 1],
      [5, 96, 40, true, 'hardswish', 2],
      [5, 240, 40, true, 'hardswish', 1],
      [5, 240, 40, true, 'hardswish', 1],
      [5, 120, 48, true, 'hardswish', 1],
      [5, 144, 48, true, 'hardswish', 1],
      [5, 288, 96, true, 'hardswish', 2],
      [5, 576, 96, true, 'hardswish', 1],
      [5, 576, 96, true, 'hardswish', 1],
    ],
    head: 576,
    hidden: 1024,
  },
  {
    name: 'mobilenet_v3_large',
    blocks: [
      [3, 16, 16, false, 'relu', 1],
      [3, 64, 24, false, 'relu', 2],
      [3, 72, 24, false, 'relu', 1],
      [5, 72, 40, true, 'relu', 2],
      [5, 120, 40, true, 'relu', 1],
      [5, 120, 40, true, 'relu', 1],
      [3, 240, 80, false, 'hardswish', 2],
      [3, 200, 80, false, 'hardswish', 1],
      [3, 184, 80, false, 'hardswish', 1],
      [3, 184, 80, false, 'hardswish', 1],
      [3, 480, 112, true, 'hardswish', 1],
      [3, 672, 112, true, 'hardswish', 1],
      [5, 672, 160, true, 'hardswish', 2],
      [5, 960, 160, true, 'hardswish', 1],
      [5, 960, 160, true, 'hardswish', 1],
    ],
    head: 960,
    hidden: 1280,
  },
];

const STEM = 16;

export const mobilenetsV3: readonly Architecture[] = variants.map(({ name, blocks, head, hidden }) => ({
  name,
  input: trainedLikeTorchVision('bilinear'),
  classifier: 'classifier.3',
  epsilon: 1e-3,
  matches: ({ fits, has }) =>
    fits('features.0.0.weight', [STEM, 3, 3, 3]) &&
    has('features.1.block.0.0.weight') &&
    has(`features.${blocks.length + 1}.0.weight`),
  build: (layers, input, classes) => {
    let x = layers.conv(input, 'features.0.0', {
      out: STEM,
      kernel: 3,
      stride: 2,
      norm: 'features.0.1',
      activation: 'hardswish',
    });
    for (const [i, [kernel, expanded, out, squeezes, activation, stride]] of blocks.entries()) {
      const parts = [
        ...(expanded === x.channels ? [] : ['expand']),
        'depthwise',
        ...(squeezes ? ['squeeze'] : []),
        'project',
      ];
      const module = (part: string) => `features.${i + 1}.block.${parts.indexOf(part)}`;
      const modules = {
        expand: expanded === x.channels ? undefined : convNorm(module('expand')),
        depthwise: convNorm(module('depthwise')),
        squeeze: module('squeeze'),
        project: convNorm(module('project')),
        sum: `features.${i + 1}.add`,
      };
      const squeeze = squeezes
        ? ({ channels: divisibleBy8(expanded / 4), kind: 'relu, hardsigmoid' } as const)
        : undefined;
      x = invertedResidual(layers, x, modules, { expanded, out, kernel, stride, activation, squeeze });
    }
    const last = convNorm(`features.${blocks.length + 1}`);
    const shape = { out: head, kernel: 1, norm: last.norm, activation: 'hardswish' } as const;
    const featureMap = layers.named(layers.conv(x, last.conv, shape), 'feature_map');
    const pooled = layers.globalAveragePool(featureMap, 'avgpool');
    const embedding = layers.named(layers.linear(pooled, 'classifier.0', hidden, 'hardswish'), 'embedding');
    return { featureMap, embedding, logits: layers.linear(embedding, 'classifier.3', classes) };
  },
}));
