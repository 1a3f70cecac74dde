/** Networks with weights by formula, in FP32 and in 8 bits as Kaiyan makes them. */
import { buildModel } from '#kaiyan/models/architectures/build-model.js';
import { parseModel, serializeModel } from '#kaiyan/onnx/model-file.js';
import type { GraphProto } from '#kaiyan/onnx/onnx_pb.js';
import { createCalibration } from '#kaiyan/quantization/calibrate.js';
import { planQuantization } from '#kaiyan/quantization/plan.js';
import { quantizeGraph } from '#kaiyan/quantization/quantize-graph.js';
import { formulaInput, formulaNetwork, formulaTensors } from './formula-weights.js';

const file = 'test.onnx';

/** A network in FP32 and in 8 bits, calibrated with two pictures. */
export async function inBothPrecisions(
  name: string,
  { bits = 8, excluded = new Set<string>() }: { bits?: 7 | 8; excluded?: Set<string> } = {},
) {
  const network = formulaNetwork(name);
  const fp32 = serializeModel(buildModel(formulaTensors(network), file).model);
  const pictures = formulaInput(network);
  const model = parseModel(fp32, file);
  const { points } = planQuantization(model, file);
  const calibration = await createCalibration(model, points, {
    path: file,
    input: 'input',
    shape: [3, 224, 224],
    threads: 2,
  });
  const size = pictures.length / 2;
  for (const start of [0, size]) await calibration.add(pictures.subarray(start, start + size));
  await calibration.release();
  const quantized = parseModel(fp32, file);
  const plan = planQuantization(quantized, file, excluded);
  const ranges = new Map([...calibration.histograms].map(([point, histogram]) => [point, histogram.range(100)]));
  quantizeGraph(plan, ranges, bits);
  return { fp32, int8: serializeModel(quantized), graph: quantized.graph as GraphProto, pictures };
}
