import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { InputSpec } from '#kaiyan/image/input-spec.js';
import { addOnnx } from '#kaiyan/models/add-onnx.js';
import { modelFile } from '#kaiyan/models/bundle.js';
import { readSpec } from '#kaiyan/models/describe.js';
import { inputLike } from '#kaiyan/models/input-like.js';
import { createRegistry } from '#kaiyan/models/registry.js';
import { createGraphBuilder } from '#kaiyan/onnx/graph-builder.js';
import { serializeModel } from '#kaiyan/onnx/model-file.js';
import { embedded } from '../../support/bundles.js';
import { appError } from '../../support/errors.js';
import { temporaryFolder } from '../../support/folders.js';
import { fixtures } from '../../support/paths.js';

const input: InputSpec = {
  width: 8,
  height: 8,
  resize: { shortSide: 8, filter: 'bilinear' },
  mean: [0, 0, 0],
  std: [1, 1, 1],
};
const labels = [
  { en: 'dark', zh: '暗' },
  { en: 'bright', zh: '亮' },
];

/** A network that says how bright a picture is, from −1 to 1. */
function brightness(last: 'logits' | 'softmax' | 'handed on' | 'added up', { channels = 3 } = {}): Uint8Array {
  const graph = createGraphBuilder('brightness');
  const picture = graph.input('picture', ['n', channels, 8, 8]);
  const pooled = graph.node('GlobalAveragePool', 'pooled', [picture]);
  const flat = graph.node('Flatten', 'flat', [pooled], { axis: 1 });
  const weights = graph.constant(
    'weights',
    [2, channels],
    Float32Array.from({ length: 2 * channels }, (_, i) => (i < channels ? -1 : 1)),
  );
  const scores = graph.node('Gemm', 'scores', [flat, weights], { transB: 1 });
  const shares = last === 'logits' ? scores : graph.node('Softmax', 'shares', [scores], { axis: 1 });
  const others: Record<typeof last, () => string> = {
    logits: () => scores,
    softmax: () => shares,
    'handed on': () => graph.node('Identity', 'handed-on', [shares]),
    'added up': () => graph.node('Mul', 'added-up', [shares, graph.constant('one', [], Float32Array.of(1))]),
  };
  graph.output(others[last](), ['n', 2]);
  return serializeModel(graph.build());
}

async function given(t: TestContext, bytes: Uint8Array, name = 'brightness.onnx') {
  const home = await temporaryFolder(t);
  const file = path.join(home, name);
  await writeFile(file, bytes);
  return { file, home, registry: createRegistry(home) };
}

describe('an ONNX classifier that is added', () => {
  test('keeps its bytes, and is named after its file', async (t) => {
    const bytes = brightness('logits');
    const { file, registry } = await given(t, bytes, 'My Net (2).onnx');
    const bundle = await addOnnx(file, { input, labels }, registry);
    const { manifest } = bundle;
    assert.deepEqual([manifest.name, manifest.input.name, manifest.output.logits], ['my-net-2-', 'picture', 'scores']);
    assert.deepEqual(await readFile(modelFile(bundle, 'fp32').path), Buffer.from(bytes));
    assert.equal(manifest.files[0]?.sha256, manifest.source.sha256);
  });

  test('loses a softmax at its end, since answers are made from logits', async (t) => {
    const { file, registry } = await given(t, brightness('softmax'));
    const { manifest } = await addOnnx(file, { input, labels }, registry);
    assert.equal(manifest.output.logits, 'scores');
    assert.notEqual(manifest.files[0]?.sha256, manifest.source.sha256);
    const further = await given(t, brightness('handed on'));
    assert.equal((await addOnnx(further.file, { input, labels }, further.registry)).manifest.output.logits, 'scores');
  });

  test('that gives probabilities, made in another way, is refused', async (t) => {
    const { file, registry } = await given(t, brightness('added up'));
    await assert.rejects(
      addOnnx(file, { input, labels }, registry),
      appError('MODEL_INVALID', '"added-up" has probabilities'),
    );
  });

  test('is refused if it is weights of PyTorch, or no file', async (t) => {
    const { file, registry } = await given(t, Buffer.from('PK\u0003\u0004'));
    await assert.rejects(addOnnx(file, { input, labels }, registry), appError('MODEL_INVALID', 'models import'));
    await assert.rejects(
      addOnnx(path.dirname(file), { input, labels }, registry),
      appError('FILE_UNREADABLE', 'not a file'),
    );
  });

  test('may come from either exporter of PyTorch', async (t) => {
    const { registry } = await given(t, new Uint8Array());
    const like = { ...input, width: 32, height: 32, resize: { shortSide: 32, filter: 'bilinear' as const } };
    const four = [...labels, ...labels];
    for (const exporter of ['legacy', 'dynamo']) {
      const file = path.join(fixtures, `onnx/pytorch-${exporter}.onnx`);
      const { manifest } = await addOnnx(file, { input: like, labels: four }, registry);
      assert.deepEqual([manifest.name, manifest.input.name], [`pytorch-${exporter}`, 'image']);
      assert.notEqual(manifest.output.logits, 'probabilities');
    }
  });

  test('that is in 8 bits is said to be so', async (t) => {
    const { registry } = await given(t, new Uint8Array());
    const file = path.join(embedded('efficientnet-lite2'), 'model.int8.onnx');
    const { manifest } = await addOnnx(
      file,
      { input: await inputLike('efficientnet-lite2', registry), name: 'copy' },
      registry,
    );
    assert.deepEqual(
      manifest.files.map(({ precision }) => precision),
      ['int8'],
    );
    assert.equal(manifest.labels, 'imagenet-1k');
  });

  test('is refused if it takes no colour picture, or one of another size', async (t) => {
    const grey = await given(t, brightness('logits', { channels: 1 }));
    await assert.rejects(addOnnx(grey.file, { input, labels }, grey.registry), appError('MODEL_INVALID', 'N×3×H×W'));
    const colour = await given(t, brightness('logits'));
    const larger = { ...input, width: 16, height: 16, resize: { shortSide: 16, filter: 'bilinear' as const } };
    await assert.rejects(
      addOnnx(colour.file, { input: larger, labels }, colour.registry),
      appError('DESCRIPTION_INVALID', '8×8', '16×16'),
    );
  });

  test('is refused if it is something else, or keeps weights elsewhere', async (t) => {
    const { file, registry } = await given(t, Buffer.from('not a model'));
    await assert.rejects(addOnnx(file, { input, labels }, registry), appError('MODEL_INVALID', 'not an ONNX file'));
    await assert.rejects(addOnnx(`${file}.none`, { input, labels }, registry), appError('FILE_UNREADABLE'));
    const external = path.join(fixtures, 'onnx/external-data.onnx');
    await assert.rejects(addOnnx(external, { input, labels }, registry), appError('MODEL_INVALID', 'other files'));
  });

  test('is refused with the names of its outputs if it has none of that name', async (t) => {
    const { file, registry } = await given(t, brightness('logits'));
    const description = { input, labels, output: { logits: 'answers' } };
    await assert.rejects(
      addOnnx(file, description, registry),
      appError('MODEL_INVALID', 'outputs scores', '"answers"'),
    );
  });
});

describe('a description in a file', () => {
  const read = async (t: TestContext, text: string) => {
    const file = path.join(await temporaryFolder(t), 'spec.json');
    await writeFile(file, text);
    return readSpec(file);
  };

  test('has the keys of a manifest', async (t) => {
    const given = { input, license: 'MIT', temperature: 0.9, labels: ['ant', { en: 'bee', zh: '蜜蜂' }] };
    assert.deepEqual(await read(t, JSON.stringify(given)), {
      ...given,
      labels: [
        { en: 'ant', zh: 'ant' },
        { en: 'bee', zh: '蜜蜂' },
      ],
    });
  });

  test('is refused with what is wrong, and where', async (t) => {
    const tooSmall = { ...input, resize: { shortSide: 4, filter: 'bilinear' } };
    await assert.rejects(
      read(t, JSON.stringify({ input: tooSmall })),
      appError('DESCRIPTION_INVALID', 'input', 'spec.json', 'a crop'),
    );
    await assert.rejects(read(t, '{"licence":"MIT"}'), appError('DESCRIPTION_INVALID', 'licence'));
    await assert.rejects(read(t, '{'), appError('DESCRIPTION_INVALID', 'JSON'));
  });
});

test('the preprocessing of a model or an architecture is found by its name', async (t) => {
  const registry = createRegistry(await temporaryFolder(t));
  assert.equal((await inputLike('resnet50', registry)).resize.filter, 'bilinear');
  assert.equal((await inputLike('efficientnet-lite2', registry)).width, 260);
  await assert.rejects(inputLike('vit', registry), appError('MODEL_NOT_FOUND', 'vit', 'resnet18'));
});
