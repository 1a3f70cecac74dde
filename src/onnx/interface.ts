/** What a graph takes and gives: its one picture, and its logits. */
import { AppError } from '../errors.js';
import {
  TensorProto_DataLocation as DataLocation,
  TensorProto_DataType as DataType,
  type GraphProto,
  type ModelProto,
  type ValueInfoProto,
} from './onnx_pb.js';

export interface Interface {
  readonly input: string;
  /** Undefined where the graph leaves it to the run. */
  readonly height: number | undefined;
  readonly width: number | undefined;
  readonly logits: string;
  /** Whether it calculates in 8 bits. */
  readonly quantized: boolean;
}

/**
 * A classifier takes one tensor N×3×H×W of float32. Its logits are the output of that name, else the one called `logits`, else
 * the only one. `path` is for the error alone.
 * @throws AppError MODEL_INVALID
 */
export function readInterface({ graph }: ModelProto, path: string, logits?: string): Interface {
  const invalid = (reason: string) => new AppError('MODEL_INVALID', { path, reason });
  const { input, output, initializer, node } = graph as GraphProto;
  if (initializer.some(({ dataLocation }) => dataLocation === DataLocation.EXTERNAL)) {
    throw invalid('it keeps weights in other files; save it as one file');
  }
  const constants = new Set(initializer.map(({ name }) => name));
  const inputs = input.filter(({ name }) => !constants.has(name));
  const [picture, ...others] = inputs;
  if (!picture || others.length > 0) throw invalid(`it has ${inputs.length} inputs, not one picture`);
  const shape = shapeOf(picture);
  if (elementType(picture) !== DataType.FLOAT || shape.length !== 4 || (shape[1] ?? 3) !== 3) {
    throw invalid(`its input "${picture.name}" is not N×3×H×W float32`);
  }
  if ((shape[0] ?? 1) > 1) {
    throw invalid(`it takes ${shape[0]} pictures at once, neither one nor any number; export it with a batch of 1`);
  }
  const names = output.map(({ name }) => name);
  const wanted = logits ?? (names.includes('logits') || names.length !== 1 ? 'logits' : names[0]);
  const answer = output.find(({ name }) => name === wanted);
  if (!answer) throw invalid(`it has the outputs ${names.join(', ')}, not "${wanted}"; say which one has the logits`);
  if ((elementType(answer) ?? DataType.FLOAT) !== DataType.FLOAT)
    throw invalid(`its output "${answer.name}" is not float32`);
  return {
    input: picture.name,
    height: shape[2],
    width: shape[3],
    logits: answer.name,
    quantized: node.some(({ opType }) => opType === 'QuantizeLinear' || opType.startsWith('QLinear')),
  };
}

/** What may stand between a softmax and an output without changing a number. */
const PASSING_ON = new Set(['Identity', 'Reshape', 'Flatten', 'Squeeze']);

/** Gives the logits instead of the probabilities that a softmax makes of them, and their name; undefined if there is no softmax. */
export function dropSoftmax({ graph }: ModelProto, output: string): string | undefined {
  const { node: nodes, output: outputs } = graph as GraphProto;
  const info = outputs.find(({ name }) => name === output);
  let maker = nodes.find((node) => node.output[0] === output);
  while (maker && PASSING_ON.has(maker.opType)) {
    const from: string | undefined = maker.input[0];
    maker = nodes.find((node) => node.output[0] === from);
  }
  const logits = maker?.opType === 'Softmax' ? maker.input[0] : undefined;
  // Nodes that nothing needs any more are left to the runtime, which leaves them out.
  if (logits !== undefined && info) info.name = logits;
  return logits;
}

function elementType({ type }: ValueInfoProto): number | undefined {
  return type?.value.case === 'tensorType' ? type.value.value.elemType : undefined;
}

function shapeOf({ type }: ValueInfoProto): (number | undefined)[] {
  const dimensions = type?.value.case === 'tensorType' ? type.value.value.shape?.dim : undefined;
  return (dimensions ?? []).map(({ value }) =>
    value.case === 'dimValue' && value.value > 0n ? Number(value.value) : undefined,
  );
}
