/**
 * Convolutions. The gradient by the input is a transposed convolution with the same kernels; the gradient by the kernels is a
 * convolution of the input with the gradient, with the axes of pictures and channels swapped and strides and dilations too.
 */
import { integer, integers, text } from '../../../onnx/graph-index.js';
import type { NodeProto } from '../../../onnx/onnx_pb.js';
import { inputOf, type Rule, resultOf, type Tape } from './rule.js';

type Pair = readonly [number, number];

export interface Window {
  readonly size: Pair;
  readonly out: Pair;
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly before: Pair;
  readonly after: Pair;
}

/** Where a slice ends that goes backwards: before the first. */
const BEGINNING = -(2 ** 31);
const SWAPPED = { perm: [1, 0, 2, 3] };

export const convolution: Rule = {
  trains: [1, 2],
  refuses: (node, { shapeOf }) =>
    shapeOf(inputOf(node, 0)).length === 4 ? undefined : 'it convolves over another number of axes than two',
  forward: (node, tape) => {
    const { kernel, ...window } = windowOf(node, tape);
    const attributes = { kernel_shape: kernel, group: integer(node, 'group', 1), ...attributesOf(window) };
    tape.node('Conv', node.input, attributes, resultOf(node));
  },
  backward: (node, gradient, tape, wants) => {
    const [input, kernels] = [inputOf(node, 0), inputOf(node, 1)];
    const window = windowOf(node, tape);
    const group = integer(node, 'group', 1);
    return [
      wants(0) ? byInput(tape, gradient, kernels, window, group) : undefined,
      wants(1) ? byKernels(tape, gradient, input, kernels, window, group) : undefined,
      wants(2) ? tape.node('ReduceSum', [gradient, tape.integers([0, 2, 3])], { keepdims: 0 }) : undefined,
    ];
  },
};

function byInput(tape: Tape, gradient: string, kernels: string, window: Window, group: number): string {
  const [filters, channels] = tape.shapeOf(kernels);
  const reach = each((axis) => (window.kernel[axis] - 1) * window.dilations[axis]);
  const before = each((axis) => reach[axis] - window.before[axis]);
  const after = each((axis) => reach[axis] - window.after[axis]);
  const isDense = group === 1 || (group === filters && channels === 1);
  const isWide = window.kernel.some((side) => side > 1);
  if (isDense && isWide && window.strides.every((one) => one === 1) && [...before, ...after].every((pad) => pad >= 0)) {
    // With stride 1 it is a convolution with kernels turned around, for which the runtime takes two thirds of the time.
    const turned = tape.node('Slice', [
      kernels,
      ...[
        [-1, -1],
        [BEGINNING, BEGINNING],
        [2, 3],
        [-1, -1],
      ].map((sizes) => tape.integers(sizes)),
    ]);
    const filtersOfInput = group === 1 ? tape.node('Transpose', [turned], SWAPPED) : turned;
    return tape.node('Conv', [gradient, filtersOfInput], { group, ...attributesOf({ ...window, before, after }) });
  }
  return tape.node('ConvTranspose', [gradient, kernels], {
    kernel_shape: window.kernel,
    group,
    ...attributesOf(window),
    output_padding: each((axis) => rest(window, axis)),
  });
}

function byKernels(tape: Tape, gradient: string, input: string, kernels: string, window: Window, group: number) {
  const [filters, channels = 0] = tape.shapeOf(kernels);
  const { kernel, strides, dilations, size } = window;
  const isPointwise = [...kernel, ...dilations].every((one) => one === 1) && rest(window, 0) < strides[0];
  if (group === 1 && isPointwise && [...window.before, ...window.after].every((pad) => pad === 0)) {
    const taken = strides.every((stride) => stride === 1)
      ? input
      : tape.node('Slice', [input, ...[[0, 0], size, [2, 3], strides].map((sizes) => tape.integers(sizes))]);
    const rows = (value: string, count: number) =>
      tape.node('Reshape', [tape.node('Transpose', [value], SWAPPED), tape.integers([count, -1])]);
    const product = tape.node('Gemm', [rows(gradient, filters as number), rows(taken, channels)], { transB: 1 });
    return tape.node('Reshape', [product, tape.integers(tape.shapeOf(kernels))]);
  }
  const correlated = tape.node(
    'Conv',
    [byChannel(tape, input, channels, group, size), tape.node('Transpose', [gradient], SWAPPED)],
    {
      group,
      ...attributesOf({ ...window, strides: dilations, dilations: strides }),
    },
  );
  // Rows at the edge that no kernel reached make more of it than there is of the kernels.
  const isLarger = each((axis) => Math.floor(rest(window, axis) / (dilations[axis] as number))).some(
    (more) => more > 0,
  );
  const cut = isLarger
    ? tape.node('Slice', [correlated, ...[[0, 0], kernel, [2, 3]].map((sizes) => tape.integers(sizes))])
    : correlated;
  return tape.node('Transpose', [cut], SWAPPED);
}

/** `N×(group·channels)×H×W` as `channels×(group·N)×H×W`. */
function byChannel(tape: Tape, input: string, channels: number, group: number, [height, width]: Pair): string {
  if (group === 1) return tape.node('Transpose', [input], SWAPPED);
  const grouped = tape.node('Reshape', [input, tape.integers([0, group, channels, height, width])]);
  const swapped = tape.node('Transpose', [grouped], { perm: [2, 1, 0, 3, 4] });
  return tape.node('Reshape', [swapped, tape.integers([channels, -1, height, width])]);
}

const each = <Value>(of: (axis: 0 | 1) => Value): [Value, Value] => [of(0), of(1)];

const attributesOf = ({
  strides,
  dilations,
  before,
  after,
}: Pick<Window, 'strides' | 'dilations' | 'before' | 'after'>) => ({
  strides,
  dilations,
  pads: [...before, ...after],
});

/** How many rows (or columns) at the end no window reaches; less than 0 where windows stick out, rounded up. */
export function rest({ size, out, kernel, strides, dilations, before, after }: Window, axis: 0 | 1): number {
  const reach = (out[axis] - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1;
  return size[axis] + before[axis] + after[axis] - reach;
}

/** Of a convolution or a pooling over height and width. */
export function windowOf(node: NodeProto, { shapeOf }: Pick<Tape, 'shapeOf'>): Window {
  const size = spatial(shapeOf(inputOf(node, 0)));
  const out = spatial(shapeOf(resultOf(node)));
  const given = integers(node, 'kernel_shape');
  const kernel = given.length === 2 ? pair(given, 1) : spatial(shapeOf(inputOf(node, 1)));
  const strides = pair(integers(node, 'strides'), 1);
  const dilations = pair(integers(node, 'dilations'), 1);
  const pads = integers(node, 'pads');
  const automatic = text(node, 'auto_pad') ?? 'NOTSET';
  const window = { size, out, kernel, strides, dilations };
  if (!automatic.startsWith('SAME')) {
    const [top = 0, left = 0, bottom = 0, right = 0] = automatic === 'VALID' ? [] : pads;
    return { ...window, before: [top, left], after: [bottom, right] };
  }
  const all = each((axis) => Math.max(0, -rest({ ...window, before: [0, 0], after: [0, 0] }, axis)));
  const half = each((axis) => Math.floor(all[axis] / 2));
  const other = each((axis) => all[axis] - half[axis]);
  return automatic === 'SAME_UPPER'
    ? { ...window, before: half, after: other }
    : { ...window, before: other, after: half };
}

const pair = ([first, second]: readonly number[], fallback: number): Pair => [first ?? fallback, second ?? fallback];
const spatial = (shape: readonly number[]): Pair => pair(shape.slice(-2), 1);
