/** The block of the MobileNets and EfficientNets: a 1×1 convolution widens, a depthwise one looks around, a 1×1 one narrows. */
import type { ConvOptions, FeatureMap, Layers, SqueezeExcite } from './layers.js';

export interface InvertedResidual {
  readonly expanded: number;
  readonly out: number;
  readonly kernel: number;
  readonly stride: number;
  readonly activation: NonNullable<ConvOptions['activation']>;
  readonly padding?: 'same';
  readonly squeeze?: { readonly channels: number; readonly kind: SqueezeExcite } | undefined;
}

/** A convolution and its BatchNorm. */
interface Modules {
  readonly conv: string;
  readonly norm: string;
}

/** What the parts are called in the checkpoint; a block that does not widen has no `expand`. */
export interface InvertedResidualModules {
  readonly expand: Modules | undefined;
  readonly depthwise: Modules;
  readonly squeeze?: string | undefined;
  readonly project: Modules;
  readonly sum: string;
}

export function invertedResidual(
  layers: Layers,
  input: FeatureMap,
  modules: InvertedResidualModules,
  { expanded, out, kernel, stride, activation, padding, squeeze }: InvertedResidual,
): FeatureMap {
  const { expand, depthwise, project } = modules;
  let x = input;
  if (expand) x = layers.conv(x, expand.conv, { out: expanded, kernel: 1, norm: expand.norm, activation });
  x = layers.conv(x, depthwise.conv, {
    out: expanded,
    kernel,
    stride,
    groups: expanded,
    norm: depthwise.norm,
    activation,
    ...(padding && { padding }),
  });
  if (squeeze && modules.squeeze) x = layers.squeezeExcite(x, modules.squeeze, squeeze.channels, squeeze.kind);
  x = layers.conv(x, project.conv, { out, kernel: 1, norm: project.norm });
  return stride === 1 && input.channels === out ? layers.add(x, input, modules.sum) : x;
}

/** TorchVision's `Conv2dNormActivation`: the convolution is number 0 in it, the BatchNorm number 1. */
export const convNorm = (module: string): Modules => ({ conv: `${module}.0`, norm: `${module}.1` });

/** The nearest multiple of 8, but never less than nine tenths of the value. */
export function divisibleBy8(value: number): number {
  const nearest = Math.max(8, Math.floor((value + 4) / 8) * 8);
  return nearest < 0.9 * value ? nearest + 8 : nearest;
}
