/**
 * The layers that the architectures are made of: PyTorch's modules as ONNX nodes, with BatchNorm folded into the
 * convolution before it. A node has the name of its module in PyTorch.
 */
import type { GraphBuilder } from '../../onnx/graph-builder.js';
import type { Weights } from './weights.js';

/** A value in the graph of the shape `N×channels×height×width`. */
export interface FeatureMap {
  readonly value: string;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** A value of the shape `N×features`. */
export interface Vector {
  readonly value: string;
  readonly features: number;
}

type Activation = 'relu' | 'relu6' | 'hardswish' | 'silu';

export interface ConvOptions {
  readonly out: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly groups?: number;
  /** Zeros at each edge, by default as many as keep the size at stride 1; `same` is TensorFlow's, more at the end. */
  readonly padding?: number | 'same';
  /** The module of the BatchNorm that follows; without one, the convolution has a bias. */
  readonly norm?: string;
  readonly activation?: Activation | undefined;
}

export interface Layers {
  readonly input: (size: number) => FeatureMap;
  readonly conv: (from: FeatureMap, module: string, options: ConvOptions) => FeatureMap;
  readonly add: (a: FeatureMap, b: FeatureMap, name: string, activation?: Activation) => FeatureMap;
  readonly concat: (a: FeatureMap, b: FeatureMap, name: string) => FeatureMap;
  readonly maxPool: (from: FeatureMap, name: string, padding: 0 | 1) => FeatureMap;
  /** Squeeze and excitation: each channel scaled by what two 1×1 convolutions make of all channels' averages. */
  readonly squeezeExcite: (from: FeatureMap, module: string, squeezed: number, kind: SqueezeExcite) => FeatureMap;
  readonly globalAveragePool: (from: FeatureMap, name: string) => Vector;
  readonly linear: (from: Vector, module: string, out: number, activation?: Activation) => Vector;
  /** The same value under the name that the model's output has. */
  readonly named: <Value extends FeatureMap | Vector>(value: Value, name: string) => Value;
}

/** The activation between the convolutions, and the gate after them. */
export type SqueezeExcite = 'relu, hardsigmoid' | 'silu, sigmoid';

const INPUT = 'input';

export function createLayers(graph: GraphBuilder, weights: Weights, epsilon: number): Layers {
  function activate(value: string, activation: Activation | undefined): string {
    switch (activation) {
      case 'relu':
        return graph.node('Relu', `${value}.relu`, [value]);
      case 'relu6': {
        const [least, most] = [bound('zero', 0), bound('six', 6)];
        return graph.node('Clip', `${value}.relu6`, [value, least, most]);
      }
      case 'hardswish':
        return graph.node('HardSwish', `${value}.hardswish`, [value]);
      case 'silu': {
        const gate = graph.node('Sigmoid', `${value}.sigmoid`, [value]);
        return graph.node('Mul', `${value}.silu`, [value, gate]);
      }
      default:
        return value;
    }
  }

  const bound = (name: string, value: number) => graph.constant(name, [], Float32Array.of(value));

  function conv(from: FeatureMap, module: string, options: ConvOptions): FeatureMap {
    const { out, kernel, stride = 1, groups = 1, padding = (kernel - 1) / 2, norm, activation } = options;
    const perGroup = from.channels / groups;
    const kernels = weights.take(`${module}.weight`, [out, perGroup, kernel, kernel]);
    const bias = norm === undefined ? weights.take(`${module}.bias`, [out]) : foldBatchNorm(kernels, norm, out);
    const vertical = pads(from.height, kernel, stride, padding);
    const horizontal = pads(from.width, kernel, stride, padding);
    const value = graph.node(
      'Conv',
      module,
      [
        from.value,
        graph.constant(`${module}.weight`, [out, perGroup, kernel, kernel], kernels),
        graph.constant(`${module}.bias`, [out], bias),
      ],
      {
        group: groups,
        kernel_shape: [kernel, kernel],
        pads: [vertical.before, horizontal.before, vertical.after, horizontal.after],
        strides: [stride, stride],
      },
    );
    return { value: activate(value, activation), channels: out, height: vertical.out, width: horizontal.out };
  }

  /** Scales the kernels in place, and gives the bias. */
  function foldBatchNorm(kernels: Float32Array, norm: string, channels: number): Float32Array {
    const statistic = (name: string) => weights.take(`${norm}.${name}`, [channels]);
    const [gain, shift] = [statistic('weight'), statistic('bias')];
    const [mean, variance] = [statistic('running_mean'), statistic('running_var')];
    const scale = Float64Array.from(gain, (value, i) => value / Math.sqrt((variance[i] as number) + epsilon));
    const perChannel = kernels.length / channels;
    for (let i = 0; i < kernels.length; i++) {
      kernels[i] = (kernels[i] as number) * (scale[Math.floor(i / perChannel)] as number);
    }
    return Float32Array.from(shift, (value, i) => value - (mean[i] as number) * (scale[i] as number));
  }

  function maxPool(from: FeatureMap, name: string, padding: 0 | 1): FeatureMap {
    // With padding as ResNet has it, else rounded up as in SqueezeNet.
    const out = (size: number) => (padding === 1 ? Math.floor((size - 1) / 2) + 1 : Math.ceil((size - 3) / 2) + 1);
    const value = graph.node('MaxPool', name, [from.value], {
      kernel_shape: [3, 3],
      pads: [padding, padding, padding, padding],
      strides: [2, 2],
      ceil_mode: padding === 1 ? 0 : 1,
    });
    return { value, channels: from.channels, height: out(from.height), width: out(from.width) };
  }

  function squeezeExcite(from: FeatureMap, module: string, squeezed: number, kind: SqueezeExcite): FeatureMap {
    const pooled = graph.node('GlobalAveragePool', `${module}.avgpool`, [from.value]);
    const average = { value: pooled, channels: from.channels, height: 1, width: 1 };
    const [activation, gate] =
      kind === 'relu, hardsigmoid' ? (['relu', 'hardsigmoid'] as const) : (['silu', 'sigmoid'] as const);
    const small = conv(average, `${module}.fc1`, { out: squeezed, kernel: 1, activation });
    const { value } = conv(small, `${module}.fc2`, { out: from.channels, kernel: 1 });
    const factors =
      gate === 'sigmoid'
        ? graph.node('Sigmoid', `${module}.gate`, [value])
        : graph.node('HardSigmoid', `${module}.gate`, [value], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } });
    return { ...from, value: graph.node('Mul', `${module}.scale`, [from.value, factors]) };
  }

  function linear(from: Vector, module: string, out: number, activation?: Activation): Vector {
    const inputs = [
      from.value,
      graph.constant(`${module}.weight`, [out, from.features], weights.take(`${module}.weight`, [out, from.features])),
      graph.constant(`${module}.bias`, [out], weights.take(`${module}.bias`, [out])),
    ];
    return { value: activate(graph.node('Gemm', module, inputs, { transB: 1 }), activation), features: out };
  }

  return {
    input: (size) => ({
      value: graph.input(INPUT, ['batch', 3, size, size]),
      channels: 3,
      height: size,
      width: size,
    }),
    conv,
    add: (a, b, name, activation) => ({
      ...a,
      value: activate(graph.node('Add', name, [a.value, b.value]), activation),
    }),
    concat: (a, b, name) => ({
      ...a,
      channels: a.channels + b.channels,
      value: graph.node('Concat', name, [a.value, b.value], { axis: 1 }),
    }),
    maxPool,
    squeezeExcite,
    globalAveragePool: (from, name) => {
      const pooled = graph.node('GlobalAveragePool', name, [from.value]);
      return { value: graph.node('Flatten', `${name}.flat`, [pooled], { axis: 1 }), features: from.channels };
    },
    linear,
    named: (value, name) => ({ ...value, value: graph.rename(value.value, name) }),
  };
}

function pads(size: number, kernel: number, stride: number, padding: number | 'same') {
  if (padding !== 'same') {
    return { before: padding, after: padding, out: Math.floor((size + 2 * padding - kernel) / stride) + 1 };
  }
  const out = Math.ceil(size / stride);
  const all = Math.max((out - 1) * stride + kernel - size, 0);
  return { before: Math.floor(all / 2), after: Math.ceil(all / 2), out };
}
