import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { type Classifier, type ClassifierOptions, createClassifier } from '#kaiyan/classification/classifier.js';
import { customBundle, ownLabels } from '../../support/bundles.js';
import { encode, gradient } from '../../support/drawings.js';
import { appError, rejectionOf } from '../../support/errors.js';
import { temporaryFolder } from '../../support/folders.js';
import { examples, fixtures } from '../../support/paths.js';
import { shared, withoutHeic, withoutShared } from '../../support/requirements.js';
import { within } from '../../support/timing.js';

async function classifierFor(t: Pick<TestContext, 'after'>, options: ClassifierOptions = {}): Promise<Classifier> {
  const home = await temporaryFolder(t);
  const classifier = await createClassifier({ precision: 'int8', workers: 1, home, ...options });
  t.after(() => classifier.close());
  return classifier;
}

const cat = await readFile(path.join(examples, 'chelsea.png'));
const alps = await readFile(path.join(examples, 'alps.jpg'));
const slowPicture = encode(gradient(5000, 5000), 'PNG');

describe('an answer', () => {
  test('has the shape of the documentation, and nothing else', async (t) => {
    const classifier = await classifierFor(t, { rules: [{ name: 'felines', category: 'cat', minProbability: 0.1 }] });
    const { model, predictions, answer, categories, flags, timing, ...rest } = await classifier.classify(cat);
    assert.deepEqual(rest, {});
    assert.deepEqual(Object.keys(model).sort(), ['digest', 'name', 'precision', 'version']);
    assert.deepEqual(
      [model.name, model.version, model.precision, model.digest],
      ['efficientnet-lite0', '1', 'int8', '7dfaaf447a93'],
    );
    assert.equal(predictions.length, 3);
    for (const prediction of predictions)
      assert.deepEqual(Object.keys(prediction).sort(), ['index', 'label', 'probability', 'wnid']);
    assert.deepEqual(Object.keys(answer).sort(), ['group', 'label', 'level', 'probability', 'wnid']);
    assert.deepEqual([answer.level, answer.group, answer.wnid], ['group', 'cat', null]);
    for (const category of categories) assert.deepEqual(Object.keys(category).sort(), ['label', 'name', 'probability']);
    assert.deepEqual(
      flags.map(({ name }) => name),
      ['felines'],
    );
    assert.deepEqual(Object.keys(timing).sort(), ['decodeMs', 'inferenceMs', 'queueMs', 'totalMs']);
    assert.ok(timing.decodeMs > 0 && timing.inferenceMs > 0 && timing.queueMs >= 0);
    assert.ok(Math.abs(timing.totalMs - timing.decodeMs - timing.inferenceMs - timing.queueMs) < 0.03);
    assert.deepEqual(classifier.model(), model);
  });

  test('can be in Chinese, for one call or for all', async (t) => {
    const classifier = await classifierFor(t, { lang: 'zh' });
    assert.equal((await classifier.classify(cat)).answer.label, '猫');
    assert.equal((await classifier.classify(cat, { lang: 'en' })).answer.label, 'cat');
  });

  test('has as many predictions as asked for, at most as there are classes', async (t) => {
    const classifier = await classifierFor(t, { top: 5 });
    assert.equal((await classifier.classify(cat)).predictions.length, 5);
    assert.equal((await classifier.classify(cat, { top: 1 })).predictions.length, 1);
    const { predictions } = await classifier.classify(cat, { top: 5000 });
    assert.equal(predictions.length, 1000);
    assert.ok(
      predictions.every(({ probability }, i) => i === 0 || probability <= (predictions[i - 1]?.probability as number)),
    );
    assert.ok(Math.abs(predictions.reduce((sum, { probability }) => sum + probability, 0) - 1) < 1e-3);
  });

  test('is refused for a number of predictions that makes no sense', async (t) => {
    const classifier = await classifierFor(t);
    for (const top of [0, -1, 1.5, Number.NaN]) {
      const outcome = await rejectionOf(classifier.classify(cat, { top }));
      assert.match((outcome as { code: string }).code ?? '', /INVALID|USAGE/, `${top}`);
    }
  });

  test('follows the threshold', async (t) => {
    assert.equal((await (await classifierFor(t, { threshold: 0.01 })).classify(cat)).answer.level, 'class');
    const strict = await (await classifierFor(t, { threshold: 1 })).classify(alps);
    assert.equal(strict.answer.level, 'unsure');
    assert.equal(strict.answer.label, null);
  });

  test('in FP32 has the probabilities of the reference', { skip: withoutShared() }, async (t) => {
    const classifier = await classifierFor(t, { precision: 'fp32', top: 5 });
    const reference = JSON.parse(
      await readFile(path.join(shared, 'golden/pipeline/efficientnet-lite0.val20.json'), 'utf8'),
    ) as { file: string; top5: [number, number][] }[];
    for (const { file, top5 } of reference.slice(0, 6)) {
      const { predictions } = await classifier.classify(await readFile(path.join(shared, 'eval/val20', file)));
      // The reference has no temperature: p^(1/0.81) has the same order.
      assert.equal(predictions[0]?.index, top5[0]?.[0], file);
      const [first, second] = predictions as readonly unknown[] as [{ probability: number }, { probability: number }];
      const [one, two] = top5 as [[number, number], [number, number]];
      const ratio = Math.log(first.probability / second.probability);
      assert.ok(Math.abs(ratio - Math.log(one[1] / two[1]) / 0.81) < 0.05, `${file}: temperature`);
    }
  });

  test('of both precisions and both models names the same cat', async (t) => {
    for (const options of [{ precision: 'fp32' }, { model: 'efficientnet-lite2', precision: 'auto' }] as const) {
      const classifier = await classifierFor(t, options);
      assert.ok(
        (await classifier.classify(cat)).categories.some(
          ({ name, probability }) => name === 'cat' && probability > 0.7,
        ),
      );
    }
  });
});

describe('a model of your own', () => {
  test('answers with its own labels', async (t) => {
    const home = await temporaryFolder(t);
    await customBundle(home, 'mine', { labels: ownLabels });
    const classifier = await classifierFor(t, { home, model: 'mine', threshold: 0.01 });
    const { model, predictions, answer, categories } = await classifier.classify(cat, { lang: 'zh' });
    assert.equal(model.name, 'mine');
    assert.deepEqual([predictions[0]?.label, predictions[0]?.wnid], [`东西${predictions[0]?.index}`, null]);
    assert.deepEqual([answer.level, answer.wnid, categories], ['class', null, []]);
  });

  test('with another number of labels than outputs is refused, not answered with half of them', async (t) => {
    const home = await temporaryFolder(t);
    await customBundle(home, 'few', { labels: ownLabels.slice(0, 10) });
    await customBundle(home, 'many', { labels: [...ownLabels, { en: 'one more', zh: '多一个' }] });
    for (const model of ['few', 'many']) {
      const outcome = await rejectionOf(
        createClassifier({ home, model, precision: 'int8', workers: 1 }).then((classifier) =>
          classifier.classify(cat).finally(() => classifier.close()),
        ),
      );
      appError('MODEL_INVALID', model)(outcome);
    }
  });

  test('whose outputs are called otherwise is refused', async (t) => {
    const home = await temporaryFolder(t);
    await customBundle(home, 'mine', { output: { logits: 'scores' } });
    const outcome = await rejectionOf(
      createClassifier({ home, model: 'mine', precision: 'int8', workers: 1 }).then((classifier) =>
        classifier.classify(cat).finally(() => classifier.close()),
      ),
    );
    appError('MODEL_INVALID', 'scores')(outcome);
  });
});

describe('mistakes', () => {
  const mistakes: readonly [what: string, options: ClassifierOptions, code: string][] = [
    ['an unknown model', { model: 'resnet18' }, 'MODEL_NOT_FOUND'],
    [
      'a precision that the model does not have',
      { model: 'efficientnet-lite2', precision: 'fp32' },
      'PRECISION_UNAVAILABLE',
    ],
    ['a bad setting', { threshold: 2 }, 'SETTING_INVALID'],
    [
      'a rule for an unknown category',
      { rules: [{ name: 'x', category: 'arms', minProbability: 0.5 }] },
      'SETTING_INVALID',
    ],
  ];
  for (const [what, options, code] of mistakes) {
    test(`${what} is refused at once`, async () => {
      const error = await rejectionOf(createClassifier({ workers: 1, ...options }));
      assert.equal((error as { code: string }).code, code);
    });
  }

  test('an unknown option is refused like an unknown flag', async () => {
    const outcome = createClassifier({ workers: 1, tresholt: 0.5 } as ClassifierOptions).then((classifier) =>
      classifier.close(),
    );
    appError('SETTING_INVALID', 'tresholt')(await rejectionOf(outcome));
  });

  test('a bad picture has its own code and leaves the classifier as it was', async (t) => {
    const classifier = await classifierFor(t, { maxBytes: 1_000_000 });
    const bad: readonly [Uint8Array, string][] = [
      [new Uint8Array(0), 'IMAGE_EMPTY'],
      [Buffer.from('no picture'), 'IMAGE_UNSUPPORTED'],
      [alps.subarray(0, 5000), 'IMAGE_CORRUPT'],
      [Buffer.alloc(1_000_001), 'IMAGE_TOO_LARGE'],
    ];
    for (const [bytes, code] of bad)
      assert.equal(((await rejectionOf(classifier.classify(bytes))) as { code: string }).code, code);
    assert.equal((await classifier.classify(cat)).answer.group, 'cat');
  });
});

describe('the queue', () => {
  test('refuses one picture more than it holds at once, and takes the next when one is answered', async (t) => {
    const classifier = await classifierFor(t, { queueRequests: 2 });
    const accepted = [classifier.classify(cat), classifier.classify(cat)];
    const begun = performance.now();
    appError('QUEUE_FULL', '2')(await rejectionOf(classifier.classify(cat)));
    assert.ok(performance.now() - begun < 50, 'at once');
    await Promise.all(accepted);
    await classifier.classify(cat);
  });

  test('refuses more bytes than it holds', async (t) => {
    const classifier = await classifierFor(t, { queueBytes: cat.length + 100 });
    const first = classifier.classify(cat);
    appError('QUEUE_FULL', 'queueBytes')(await rejectionOf(classifier.classify(cat)));
    await first;
    await classifier.classify(cat);
  });

  test('counts a place with a picture that has arrived, once, until its owner gives it back', async (t) => {
    const classifier = await classifierFor(t, { queueRequests: 1 });
    const place = classifier.admit();
    await classifier.classify(cat);
    place.grow(cat.length);
    assert.equal((await classifier.classify(cat, { place })).answer.group, 'cat');
    appError('QUEUE_FULL')(await rejectionOf(classifier.classify(cat)));
    assert.throws(() => classifier.admit(), appError('QUEUE_FULL'));
    place.leave();
    await classifier.classify(cat);
  });

  test('says of a picture how long it waited', async (t) => {
    const classifier = await classifierFor(t);
    const answers = await Promise.all(Array.from({ length: 12 }, () => classifier.classify(cat)));
    const [first, last] = [answers[0], answers.at(-1)] as [(typeof answers)[0], (typeof answers)[0]];
    assert.ok(last.timing.queueMs > first.timing.queueMs + last.timing.inferenceMs);
  });

  test('has room again after a picture that failed, was aborted or was late', async (t) => {
    const classifier = await classifierFor(t, { queueRequests: 1 });
    for (let i = 0; i < 3; i++) {
      appError('IMAGE_UNSUPPORTED')(await rejectionOf(classifier.classify(Buffer.from('no picture'))));
      appError('ABORTED')(await rejectionOf(classifier.classify(cat, { signal: AbortSignal.abort() })));
      appError('DEADLINE_EXCEEDED')(await rejectionOf(classifier.classify(await slowPicture, { deadlineMs: 5 })));
    }
    await classifier.classify(cat);
  });
});

describe('giving up', () => {
  test('at the deadline answers then, not when the work is done', async (t) => {
    const classifier = await classifierFor(t);
    const begun = performance.now();
    appError(
      'DEADLINE_EXCEEDED',
      '30 ms',
    )(await rejectionOf(classifier.classify(await slowPicture, { deadlineMs: 30 })));
    assert.ok(performance.now() - begun < 300);
    assert.equal((await classifier.classify(cat)).answer.group, 'cat', 'the late result reaches nobody');
  });

  test('counts the time in the queue', async (t) => {
    const classifier = await classifierFor(t);
    const begun = performance.now();
    for (let i = 0; i < 4; i++) await classifier.classify(cat);
    const deadlineMs = Math.ceil(performance.now() - begun);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 60 }, () => classifier.classify(cat, { deadlineMs })),
    );
    const late = outcomes.filter((outcome) => outcome.status === 'rejected');
    assert.ok(late.length > 0, 'sixty pictures do not fit into the time of four');
    assert.ok(late.length < outcomes.length, 'the first ones do');
    for (const { reason } of late) appError('DEADLINE_EXCEEDED')(reason);
  });

  test('by a signal rejects at once with ABORTED, before, during and after the decoding', async (t) => {
    const classifier = await classifierFor(t);
    for (const delay of [0, 5, 15, 25]) {
      const controller = new AbortController();
      const outcome = classifier.classify(cat, { signal: controller.signal }).catch((error: unknown) => error);
      setTimeout(() => controller.abort(), delay);
      const result = await within(2000, 'an answer', outcome);
      if (result instanceof Error) appError('ABORTED')(result);
    }
    assert.equal((await classifier.classify(cat)).answer.group, 'cat');
  });

  test('with a deadline of a month is possible', async (t) => {
    const classifier = await classifierFor(t);
    assert.equal((await classifier.classify(cat, { deadlineMs: 30 * 24 * 3600 * 1000 })).answer.group, 'cat');
  });

  test('on a HEIC ends its decoder with the request: the next HEIC does not wait for it', {
    skip: withoutHeic(),
  }, async (t) => {
    const classifier = await classifierFor(t);
    const [slow, small] = await Promise.all(
      ['slow', 'small'].map((name) => readFile(path.join(fixtures, 'heic', `${name}.heic`))),
    );
    await classifier.classify(small as Buffer);
    appError('DEADLINE_EXCEEDED')(await rejectionOf(classifier.classify(slow as Buffer, { deadlineMs: 300 })));
    await within(1500, 'the next HEIC', classifier.classify(small as Buffer));
  });
});

describe('closing', () => {
  test('finishes what was accepted and refuses what comes', async (t) => {
    const classifier = await classifierFor(t, { workers: 2 });
    const accepted = Array.from({ length: 6 }, () => classifier.classify(cat));
    const closing = classifier.close();
    appError('CLOSED')(await rejectionOf(classifier.classify(cat)));
    assert.throws(() => classifier.admit(), appError('CLOSED'));
    assert.equal((await Promise.all(accepted)).length, 6);
    await within(5000, 'close()', closing);
    await within(1000, 'closing twice', classifier.close());
  });

  test('does not wait for a measurement that has not begun', async () => {
    const classifier = await createClassifier({ workers: 1, home: '/dev/null/kaiyan' });
    await within(2000, 'close()', classifier.close());
  });
});

describe('the precision of a running classifier', () => {
  test('is measured when it is idle, and changed without an answer going missing', { timeout: 60_000 }, async (t) => {
    const notices: string[] = [];
    const home = await temporaryFolder(t);
    const classifier = await createClassifier({ workers: 1, home, onNotice: (notice) => notices.push(notice) });
    t.after(() => classifier.close());
    const before = classifier.model().precision;
    const end = performance.now() + 30_000;
    const { readVerdict } = await import('#kaiyan/classification/precision.js');
    const { openBundle } = await import('#kaiyan/models/bundle.js');
    const bundle = await openBundle('models/efficientnet-lite0');
    while (!(await readVerdict(bundle, home)) && performance.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 200));
    const verdict = await readVerdict(bundle, home);
    assert.ok(verdict, 'it was measured');
    const answers = await Promise.all([1, 2, 3, 4].map(() => classifier.classify(cat)));
    assert.ok(answers.every(({ answer }) => answer.group === 'cat'));
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal((await classifier.classify(cat)).model.precision, verdict.precision);
    assert.equal(notices.length, verdict.precision === before ? 0 : 1);
  });
});
