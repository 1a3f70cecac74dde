import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { openGraph } from '#kaiyan/inference/graph-session.js';
import { buildModel } from '#kaiyan/models/architectures/build-model.js';
import { createGraphBuilder } from '#kaiyan/onnx/graph-builder.js';
import { parseModel, serializeModel } from '#kaiyan/onnx/model-file.js';
import { createCalibration } from '#kaiyan/quantization/calibrate.js';
import { nameOf, planQuantization } from '#kaiyan/quantization/plan.js';
import { quantizeGraph } from '#kaiyan/quantization/quantize-graph.js';
import { appError } from '../../support/errors.js';
import { formulaNetwork, formulaTensors } from '../../support/formula-weights.js';
import { fixtures } from '../../support/paths.js';
import { inBothPrecisions } from '../../support/quantized.js';

const file = 'test.onnx';

async function run(bytes: Uint8Array, data: Float32Array) {
  const session = await openGraph(bytes, { path: file, input: 'input', threads: 2 });
  const outputs = await session.run({ dims: [2, 3, 224, 224], data }, ['logits', 'embedding', 'feature_map']);
  await session.release();
  return outputs;
}

/** In decibel: 20 means that the difference is a tenth of the value. */
function signalToNoise(expected: Float32Array, found: Float32Array): number {
  const power = expected.reduce((sum, value) => sum + value * value, 0);
  const noise = expected.reduce((sum, value, i) => sum + (value - (found[i] ?? Number.NaN)) ** 2, 0);
  return 10 * Math.log10(power / noise);
}

describe('a network in 8 bits', () => {
  // One for each way of building: residual sums, ReLU6, hard-swish and gates, SiLU, joined branches.
  for (const [name, least] of [
    ['resnet18', 20],
    ['mobilenet_v2', 10],
    ['mobilenet_v3_small', 15],
    ['efficientnet_b0', 20],
    ['squeezenet1_1', 20],
  ] as const) {
    test(`gives nearly what FP32 gives, in a quarter of the size: ${name}`, async (t) => {
      const { fp32, int8, pictures } = await inBothPrecisions(name);
      const [expected, found] = [await run(fp32, pictures), await run(int8, pictures)];
      for (const [output, { data }] of expected) {
        const decibel = signalToNoise(data, found.get(output)?.data ?? new Float32Array());
        t.diagnostic(`${output}: ${decibel.toFixed(1)} dB`);
        if (output === 'logits') assert.ok(decibel > least, `${decibel}`);
        else assert.ok(decibel > least - 8, `${output}: ${decibel}`);
      }
      assert.ok(int8.length < fp32.length * 0.3, `${int8.length} of ${fp32.length} bytes`);
    });
  }

  test('with 7-bit weights is coarser, and still the same network', async () => {
    const [eight, seven] = [
      await inBothPrecisions('squeezenet1_1'),
      await inBothPrecisions('squeezenet1_1', { bits: 7 }),
    ];
    const expected = (await run(eight.fp32, eight.pictures)).get('logits')?.data ?? new Float32Array();
    const [fine, coarse] = (await Promise.all(
      [eight, seven].map(async ({ int8, pictures }) =>
        signalToNoise(expected, (await run(int8, pictures)).get('logits')?.data ?? new Float32Array()),
      ),
    )) as [number, number];
    assert.ok(fine > coarse && coarse > 15, `${fine} ${coarse}`);
  });

  test('keeps its activations only where 8 bits do not limit values by themselves', async () => {
    const { graph } = await inBothPrecisions('resnet18');
    const kinds = graph.node.map(({ opType }) => opType);
    // The last sum, which nothing convolves, stays exact.
    assert.deepEqual(kinds.filter((kind) => kind === 'Relu').length, 1);
    assert.equal(kinds.filter((kind) => kind === 'Conv').length, 20);
  });

  test('leaves out the layers that it is told to', async () => {
    const { fp32, int8, graph, pictures } = await inBothPrecisions('squeezenet1_1', {
      excluded: new Set(['features.0', 'classifier.1']),
    });
    const first = graph.node.find(({ opType }) => opType === 'Conv');
    assert.deepEqual(first?.input, ['input', 'features.0.weight', 'features.0.bias']);
    const decibel = signalToNoise(
      (await run(fp32, pictures)).get('logits')?.data ?? new Float32Array(),
      (await run(int8, pictures)).get('logits')?.data ?? new Float32Array(),
    );
    assert.ok(decibel > 20, `${decibel}`);
  });
});

describe('what can be quantized', () => {
  test('is named by the values that layers make', () => {
    const { model } = buildModel(formulaTensors(formulaNetwork('squeezenet1_1')), file);
    const names = planQuantization(model, file).layers.map(nameOf);
    assert.equal(names.length, 26);
    assert.deepEqual(names.slice(0, 2), ['features.0', 'features.3.squeeze']);
  });

  test('are the values of the picture, not the sizes that some graphs calculate with', () => {
    const graph = createGraphBuilder('sizes');
    const kernels = (name: string, inputs: number) =>
      graph.constant(name, [4, inputs, 1, 1], new Float32Array(4 * inputs));
    const first = graph.node('Conv', 'first', [graph.input('input', ['n', 3, 8, 8]), kernels('a', 3)]);
    const sizes = graph.node('Shape', 'sizes', [first]);
    const part = (name: string, at: bigint[]) =>
      graph.node('Gather', name, [sizes, graph.constant(`${name}.at`, [2], BigInt64Array.from(at))]);
    const joined = graph.node('Concat', 'joined', [part('head', [0n, 1n]), part('tail', [2n, 3n])], { axis: 0 });
    const reshaped = graph.node('Reshape', 'reshaped', [first, joined]);
    graph.output(graph.node('Conv', 'second', [reshaped, kernels('b', 4)]), ['n', 4, 8, 8]);
    const { nodes, points } = planQuantization(graph.build(), file);
    assert.deepEqual([...nodes].map(nameOf), ['first', 'second']);
    assert.deepEqual(points, ['input', 'first', 'reshaped', 'second']);
  });

  test('includes every output of a node that takes apart, and what comes of it is the same network', async (t) => {
    const graph = createGraphBuilder('halves');
    const weights = (name: string, shape: number[]) =>
      graph.constant(
        name,
        shape,
        Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(i + name.length)),
      );
    const first = graph.node('Conv', 'first', [graph.input('input', [1, 3, 8, 8]), weights('a', [4, 3, 1, 1])]);
    graph.node('Split', 'left', [first], { axis: 1 });
    const left = graph.node('Conv', 'l', ['left', weights('bb', [2, 2, 1, 1])]);
    const right = graph.node('Conv', 'r', ['right', weights('ccc', [2, 2, 1, 1])]);
    graph.output(graph.node('Concat', 'logits', [left, right], { axis: 1 }), [1, 4, 8, 8]);
    const model = graph.build();
    const split = model.graph?.node.find(({ opType }) => opType === 'Split');
    split?.output.push('right');
    const fp32 = serializeModel(model);
    const picture = Float32Array.from({ length: 192 }, (_, i) => Math.cos(i));
    const quantized = parseModel(fp32, file);
    const plan = planQuantization(quantized, file);
    const calibration = await createCalibration(parseModel(fp32, file), plan.points, {
      path: file,
      input: 'input',
      shape: [3, 8, 8],
      threads: 1,
    });
    t.after(() => calibration.release());
    await calibration.add(picture);
    quantizeGraph(plan, new Map([...calibration.histograms].map(([point, one]) => [point, one.range(100)])), 8);
    const [expected, found] = await Promise.all(
      [fp32, serializeModel(quantized)].map(async (bytes) => {
        const session = await openGraph(bytes, { path: file, input: 'input', threads: 1 });
        const values = (await session.run({ dims: [1, 3, 8, 8], data: picture }, ['logits'])).get('logits')?.data;
        await session.release();
        return values ?? new Float32Array();
      }),
    );
    assert.ok(signalToNoise(expected as Float32Array, found as Float32Array) > 25);
  });

  test('is refused if it is nothing', () => {
    const graph = createGraphBuilder('nothing');
    graph.output(graph.node('Relu', 'out', [graph.input('input', [1, 3, 2, 2])]), [1, 3, 2, 2]);
    assert.throws(() => planQuantization(graph.build(), file), appError('MODEL_INVALID', 'no convolution'));
  });

  test('is refused in an old kind of ONNX, which has no scale for each channel', () => {
    const { model } = buildModel(formulaTensors(formulaNetwork('squeezenet1_1')), file);
    for (const set of model.opsetImport) set.version = 12n;
    assert.throws(() => planQuantization(model, file), appError('MODEL_INVALID', 'opset 12', '13'));
  });
});

describe('what other programs export', () => {
  for (const exporter of ['legacy', 'dynamo']) {
    test(`is quantized as well, however it keeps its constants: PyTorch's ${exporter} exporter`, async () => {
      const bytes = await readFile(path.join(fixtures, `onnx/pytorch-${exporter}.onnx`));
      const model = parseModel(bytes, file);
      const { layers, absorbed, graph } = planQuantization(model, file);
      // Six convolutions and a linear layer; ReLU6 twice, ReLU once where another convolution follows.
      assert.deepEqual([layers.length, absorbed.size], [7, 3]);
      assert.ok(!graph.node.some(({ opType }) => opType === 'Constant' || opType === 'Identity'));
    });
  }
});
