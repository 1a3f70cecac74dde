import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openGraph } from '#kaiyan/inference/graph-session.js';
import { buildModel } from '#kaiyan/models/architectures/build-model.js';
import { serializeModel } from '#kaiyan/onnx/model-file.js';
import { appError } from '../../../support/errors.js';
import {
  formulaInput,
  formulaLogits,
  formulaNetwork,
  formulaNetworks,
  formulaTensors,
} from '../../../support/formula-weights.js';
import { largestDifference, standardDeviation } from '../../../support/statistics.js';

describe('a model that is built from its weights', () => {
  for (const [name, network] of formulaNetworks) {
    test(`has the logits and parameters of PyTorch's ${name}`, async (t) => {
      const { size = 224 } = network;
      const { architecture, classes, parameters, model } = buildModel(formulaTensors(network), name);
      assert.deepEqual([architecture.name, classes, parameters], [name, 1000, network.parameters]);
      assert.equal(architecture.input.width, size);
      const session = await openGraph(serializeModel(model), { path: name, input: 'input', threads: 2 });
      t.after(() => session.release());
      const input = { dims: [2, 3, size, size], data: formulaInput(network) };
      const outputs = await session.run(input, ['logits', 'embedding', 'feature_map']);
      const logits = outputs.get('logits')?.data ?? new Float32Array();
      const expected = formulaLogits(name);
      const worst = largestDifference(expected, logits);
      assert.ok(
        worst <= 1e-3 * standardDeviation(expected),
        `${worst} against a deviation of ${standardDeviation(expected)}`,
      );
      t.diagnostic(
        `worst difference ${(worst / standardDeviation(expected)).toExponential(1)} of the standard deviation`,
      );
    });
  }
});

describe('weights that are not quite those of a network', () => {
  const squeezenet = formulaTensors(formulaNetwork('squeezenet1_1'));
  const changed = (name: string, shape: readonly number[] | undefined) => {
    const tensors = new Map(squeezenet);
    if (shape) tensors.set(name, { dtype: 'float32', shape, float32: () => new Float32Array() });
    else tensors.delete(name);
    return tensors;
  };

  test('are refused with the tensor that is missing, and its shape', () => {
    const tensors = changed('features.7.squeeze.bias', undefined);
    const named = appError(
      'WEIGHTS_MISMATCH',
      'w.pth',
      'squeezenet1_1',
      '"features.7.squeeze.bias"',
      '32',
      'no such tensor',
    );
    assert.throws(() => buildModel(tensors, 'w.pth'), named);
  });

  test('are refused with the tensor of another shape, and both shapes', () => {
    const tensors = changed('features.7.squeeze.weight', [48, 256, 1, 1]);
    const named = appError('WEIGHTS_MISMATCH', '"features.7.squeeze.weight"', '32×256×1×1', '48×256×1×1');
    assert.throws(() => buildModel(tensors, 'w.pth'), named);
  });

  test('are refused with a tensor too many', () => {
    const named = appError('WEIGHTS_MISMATCH', '"features.13.bias"', 'no such tensor', 'found 7');
    assert.throws(() => buildModel(changed('features.13.bias', [7]), 'w.pth'), named);
  });

  test('of another network are refused with those that are known', () => {
    const tensors = new Map([...squeezenet].slice(0, 9).map(([name, tensor]) => [`encoder.${name}`, tensor]));
    const named = appError(
      'ARCHITECTURE_UNSUPPORTED',
      'w.pth',
      'mobilenet_v3_small',
      'encoder.features.0.weight',
      'and 4 more',
    );
    assert.throws(() => buildModel(tensors, 'w.pth'), named);
  });

  test('of a wide or grouped ResNet are not taken for those of the plain one', () => {
    const tensors = new Map(formulaTensors(formulaNetwork('resnet50')));
    tensors.set('layer1.0.conv2.weight', {
      dtype: 'float32',
      shape: [128, 4, 3, 3],
      float32: () => new Float32Array(),
    });
    assert.throws(
      () => buildModel(tensors, 'w.pth'),
      appError('WEIGHTS_MISMATCH', '"layer1.0.conv2.weight"', '64×64×3×3', '128×4×3×3'),
    );
  });
});

test('a model for other classes and another size has their shapes', async (t) => {
  const tensors = new Map(formulaTensors(formulaNetwork('mobilenet_v2')));
  for (const [name, shape] of [
    ['classifier.1.weight', [7, 1280]],
    ['classifier.1.bias', [7]],
  ] as const) {
    tensors.set(name, {
      dtype: 'float32',
      shape,
      float32: () => new Float32Array(shape.reduce<number>((a, b) => a * b, 1)),
    });
  }
  const { classes, model } = buildModel(tensors, 'w.pth', 160);
  assert.equal(classes, 7);
  const session = await openGraph(serializeModel(model), { path: 'w.pth', input: 'input', threads: 1 });
  t.after(() => session.release());
  const input = { dims: [3, 3, 160, 160], data: new Float32Array(3 * 3 * 160 * 160) };
  const outputs = await session.run(input, ['logits', 'embedding', 'feature_map']);
  assert.deepEqual(
    [...outputs.values()].map(({ dims }) => dims),
    [
      [3, 7],
      [3, 1280],
      [3, 1280, 5, 5],
    ],
  );
});
