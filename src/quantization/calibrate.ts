/** The ranges of a network's inner values, over the pictures that it is calibrated with. */
import { openGraph } from '../inference/graph-session.js';
import { serializeModel, withOutputs } from '../onnx/model-file.js';
import type { ModelProto } from '../onnx/onnx_pb.js';
import { createHistogram, type Histogram } from './histogram.js';

export interface Calibration {
  /** Takes one picture into account: `tensor` is 3×height×width. */
  readonly add: (tensor: Float32Array) => Promise<void>;
  /** How often which values occur, by the names of the values. */
  readonly histograms: ReadonlyMap<string, Histogram>;
  readonly release: () => Promise<void>;
}

export interface CalibrationOptions {
  /** For errors alone. */
  readonly path: string;
  readonly input: string;
  /** 3, height, width. */
  readonly shape: readonly [3, number, number];
  readonly threads: number;
}

/** `points` are the values to look at; the input may be among them. @throws AppError MODEL_INVALID */
export async function createCalibration(
  model: ModelProto,
  points: readonly string[],
  { path, input, shape, threads }: CalibrationOptions,
): Promise<Calibration> {
  const inner = points.filter((point) => point !== input);
  const session = await openGraph(serializeModel(withOutputs(model, inner)), { path, input, threads });
  const histograms = new Map(points.map((point) => [point, createHistogram()]));

  async function add(tensor: Float32Array): Promise<void> {
    histograms.get(input)?.add(tensor);
    const values = await session.run({ dims: [1, ...shape], data: tensor }, inner);
    for (const [point, { data }] of values) histograms.get(point)?.add(data);
  }

  return { add, histograms, release: session.release };
}
