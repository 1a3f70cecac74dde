/** The last layer of a model as it is now, in numbers. */
import { AppError } from '../../errors.js';
import { readLastLayer } from '../../explanation/head.js';
import { readVerified } from '../../inference/session.js';
import { type Bundle, modelFile } from '../../models/bundle.js';
import { parseModel } from '../../onnx/model-file.js';
import { embeddingOf } from '../bundle/embedding.js';
import { emptyHead, type LinearHead } from '../head/linear-head.js';

/** Of FP32. @throws AppError PRECISION_UNAVAILABLE, MODEL_DAMAGED, MODEL_INVALID for a network that ends in another way */
export async function readPresentLayer(bundle: Bundle): Promise<LinearHead> {
  const file = modelFile(bundle, 'fp32');
  const model = parseModel(await readVerified(file), file.path);
  const { name } = embeddingOf(model, bundle.manifest.output, file.path);
  const layer = readLastLayer(model, name, file.logits);
  if (!layer || layer.classes !== file.classes) {
    const reason =
      'it does not end in one linear layer, which corrections could change; train another model from a data set';
    throw new AppError('MODEL_INVALID', { path: file.path, reason });
  }
  const head = emptyHead(layer.classes, layer.channels);
  for (let index = 0; index < layer.classes; index++) {
    head.weights.set(layer.weightsOf(index), index * layer.channels);
    head.bias[index] = layer.biasOf(index);
  }
  return head;
}
