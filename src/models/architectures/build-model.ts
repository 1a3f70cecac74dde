/** From the tensors of a checkpoint to an ONNX model: recognises the architecture and builds its graph. */
import { AppError } from '../../errors.js';
import { createGraphBuilder } from '../../onnx/graph-builder.js';
import type { ModelProto } from '../../onnx/onnx_pb.js';
import type { Tensor } from '../checkpoints/tensor.js';
import type { Architecture } from './architecture.js';
import { efficientnetB0, efficientnetsLite } from './efficientnet.js';
import { createLayers, type FeatureMap } from './layers.js';
import { mobilenetV2 } from './mobilenet-v2.js';
import { mobilenetsV3 } from './mobilenet-v3.js';
import { resnets } from './resnet.js';
import { squeezenet } from './squeezenet.js';
import { countParameters, createWeights } from './weights.js';

export const architectures: readonly Architecture[] = [
  ...resnets,
  mobilenetV2,
  ...mobilenetsV3,
  efficientnetB0,
  ...efficientnetsLite,
  squeezenet,
];

export interface BuiltModel {
  readonly architecture: Architecture;
  readonly classes: number;
  /** Learned values, as PyTorch counts them. */
  readonly parameters: number;
  /**
   * Input `input`, N×3×H×W float32; outputs `logits` N×classes, `embedding` N×features and `feature_map` N×channels×h×w.
   */
  readonly model: ModelProto;
}

const BATCH = 'batch';

/**
 * `size` is that of the square input, if it is not the architecture's usual one; `path` is for errors alone.
 * @throws AppError ARCHITECTURE_UNSUPPORTED if no architecture has such tensors, WEIGHTS_MISMATCH if one is missing, spare or of another shape
 */
export function buildModel(tensors: ReadonlyMap<string, Tensor>, path: string, size?: number): BuiltModel {
  const architecture = recognise(tensors, path);
  const weights = createWeights(tensors, path, architecture.name);
  const classes = weights.outputs(`${architecture.classifier}.weight`) ?? 0;
  const graph = createGraphBuilder(architecture.name);
  const layers = createLayers(graph, weights, architecture.epsilon);
  const outputs = architecture.build(layers, layers.input(size ?? architecture.input.width), classes);
  const logits = layers.named(outputs.logits, 'logits');
  weights.requireAllTaken();
  graph.output(logits.value, [BATCH, classes]);
  graph.output(outputs.embedding.value, [BATCH, outputs.embedding.features]);
  graph.output(outputs.featureMap.value, [BATCH, ...dimensions(outputs.featureMap)]);
  return { architecture, classes, parameters: countParameters(tensors), model: graph.build() };
}

const dimensions = ({ channels, height, width }: FeatureMap) => [channels, height, width];

const MOST_NAMES = 5;

function recognise(tensors: ReadonlyMap<string, Tensor>, path: string): Architecture {
  const weights = createWeights(tensors, path, '');
  const found = architectures.find(({ matches }) => matches(weights));
  if (found) return found;
  const names = [...tensors.keys()];
  throw new AppError('ARCHITECTURE_UNSUPPORTED', {
    path,
    known: architectures.map(({ name }) => name).join(', '),
    found:
      names.slice(0, MOST_NAMES).join(', ') +
      (names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : ''),
  });
}
