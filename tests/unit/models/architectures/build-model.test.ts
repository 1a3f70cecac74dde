import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openGraph } from '#kaiyan/inference/graph-session.js';
import { buildModel } from '#kaiyan/models/architectures/build-model.js';
import type { Tensor } from '#kaiyan/models/checkpoints/tensor.js';
import { serializeModel } from '#kaiyan/onnx/model-file.js';
import {
  type FormulaNetwork,
  fill,
  formulaInput,
  formulaLogits,
  formulaNetworks,
} from '../../../support/formula-weights.js';

const tensorsOf = ({ tensors, gain }: FormulaNetwork): Map<string, Tensor> =>
  new Map(
    tensors.map(([name, shape, kind]) => [
      name,
      { dtype: kind === 'count' ? 'int64' : 'float32', shape, float32: () => fill(name, shape, kind, gain) },
    ]),
  );

describe('a model that is built from its weights', () => {
  for (const [name, network] of formulaNetworks) {
    test(`has the logits and parameters of PyTorch's ${name}`, async (t) => {
      const { size = 224 } = network;
      const { architecture, classes, parameters, model } = buildModel(tensorsOf(network), name);
      assert.deepEqual([architecture.name, classes, parameters], [name, 1000, network.parameters]);
      assert.equal(architecture.input.width, size);
      const session = await openGraph(serializeModel(model), { path: name, input: 'input', threads: 2 });
      t.after(() => session.release());
      const input = { dims: [2, 3, size, size], data: formulaInput(network) };
      const outputs = await session.run(input, ['logits', 'embedding', 'feature_map']);
      const logits = outputs.get('logits')?.data ?? new Float32Array();
      const expected = formulaLogits(name);
      const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - (logits[i] ?? Number.NaN))), 0);
      assert.ok(worst <= 1e-3 * deviation(expected), `${worst} against a deviation of ${deviation(expected)}`);
      t.diagnostic(`worst difference ${(worst / deviation(expected)).toExponential(1)} of the standard deviation`);
    });
  }
});

function deviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
