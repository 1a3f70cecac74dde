import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { interpret } from '#kaiyan/classification/classification.js';
import { settingsWith } from '#kaiyan/config.js';
import { estimate } from '#kaiyan/evaluation/bootstrap.js';
import { coverageOf } from '#kaiyan/evaluation/coverage.js';
import type { Averages, Evaluation } from '#kaiyan/evaluation/evaluation.js';
import { judge } from '#kaiyan/evaluation/judge.js';
import { lossOf, type Outcome, outcomeOf } from '#kaiyan/evaluation/outcome.js';
import { comparePaired, mcNemar } from '#kaiyan/evaluation/paired.js';
import { fewLabels } from '../../support/labels.js';
import { fixtures } from '../../support/paths.js';

interface Reference {
  readonly temperature: number;
  readonly truth: readonly number[];
  readonly logits: readonly (readonly number[])[];
  readonly expected: {
    readonly top1: number;
    readonly top5: number;
    readonly logLoss: number;
    readonly balancedAccuracy: number;
    readonly macro: Averages;
    readonly weighted: Averages;
    readonly perClass: readonly (Averages & { readonly index: number; readonly support: number })[];
    readonly confusion: readonly (readonly number[])[];
    readonly reliability: readonly {
      readonly bin: number;
      readonly pictures: number;
      readonly accuracy: number;
      readonly confidence: number;
    }[];
    readonly ece: number;
    readonly coverage: readonly { readonly threshold: number; readonly coverage: number; readonly accuracy: number }[];
  };
  readonly mcNemar: readonly { readonly one: number; readonly other: number; readonly p: number }[];
  readonly exact: readonly {
    readonly right: number;
    readonly of: number;
    readonly low: number;
    readonly high: number;
  }[];
}

/** See generate.py beside it. */
const reference = JSON.parse(await readFile(path.join(fixtures, 'evaluation/scikit-learn.json'), 'utf8')) as Reference;
const { expected, temperature } = reference;

const settings = settingsWith({ threshold: 0.7 });
const signal = new AbortController().signal;

const outcomes = reference.logits.map((values, i) => {
  const logits = Float32Array.from(values);
  const how = { labels: fewLabels, temperature, threshold: settings.threshold, flags: () => [] };
  const classification = interpret(logits, how, 1, 'en');
  return outcomeOf({ classification, logits, labels: fewLabels, temperature }, reference.truth[i] as number);
});

const judged: Promise<Omit<Evaluation, 'model' | 'data' | 'created'>> = judge(
  outcomes.map((outcome, i) => ({ picture: { path: '/gone', name: `${i}`, truth: outcome.truth }, outcome })),
  fewLabels,
  { settings, signal, thumbnails: 0 },
);

const near = (found: number | null, wanted: number, what: string) =>
  assert.ok(Math.abs((found ?? Number.NaN) - wanted) < 1e-12, `${what}: ${found} instead of ${wanted}`);

const outcome = (changes: Partial<Outcome>): Outcome => ({
  ...{ truth: 0, predicted: 0, probability: 0.9, truthProbability: 0.9, rank: 0, level: 'class', groupRight: false },
  ...changes,
});
const right = (count: number) => Array.from({ length: count }, () => outcome({}));
const wrong = (count: number) => Array.from({ length: count }, () => outcome({ predicted: 1, rank: 1 }));

describe('the figures of an evaluation are those of scikit-learn', () => {
  test('for all pictures together', async () => {
    const { top1, top5, logLoss, balancedAccuracy, macro, weighted } = await judged;
    near(top1.value, expected.top1, 'top-1');
    near(top5.value, expected.top5, 'top-5');
    near(logLoss.value, expected.logLoss, 'log loss');
    near(balancedAccuracy.value, expected.balancedAccuracy, 'balanced accuracy');
    for (const key of ['precision', 'recall', 'f1'] as const) {
      near(macro[key].value, expected.macro[key], `macro ${key}`);
      near(weighted[key], expected.weighted[key], `weighted ${key}`);
    }
  });

  test('for each class that occurs, and for no other', async () => {
    const { perClass } = await judged;
    assert.deepEqual(
      perClass.map(({ index, support }) => ({ index, support })),
      expected.perClass.map(({ index, support }) => ({ index, support })),
    );
    for (const [i, figures] of perClass.entries())
      for (const key of ['precision', 'recall', 'f1'] as const)
        near(figures[key], expected.perClass[i]?.[key] as number, `${key} of ${figures.label}`);
    const truck = perClass.find(({ label }) => label === 'truck');
    assert.deepEqual([truck?.support, truck?.predicted, truck?.recall, truck?.f1], [0, 1, 0, 0]);
    assert.equal(truck?.zh, '卡车');
  });

  test('for what is mixed up', async () => {
    const { confusion } = await judged;
    const matrix = expected.confusion.map((row) => row.map(() => 0));
    for (const [truth, predicted, count] of confusion) (matrix[truth] as number[])[predicted] = count;
    assert.deepEqual(matrix, expected.confusion);
    assert.ok(confusion.every(([, , count]) => count > 0));
  });

  test('for how far probabilities can be believed', async () => {
    const { calibration } = await judged;
    near(calibration.ece, expected.ece, 'ECE');
    assert.equal(calibration.bins.length, 15);
    const filled = calibration.bins.flatMap(({ pictures }, bin) => (pictures > 0 ? [bin] : []));
    assert.deepEqual(
      filled,
      expected.reliability.map(({ bin }) => bin),
    );
    for (const { bin, pictures, accuracy, confidence } of expected.reliability) {
      assert.equal(calibration.bins[bin]?.pictures, pictures);
      near(calibration.bins[bin]?.accuracy ?? null, accuracy, `accuracy in bin ${bin}`);
      near(calibration.bins[bin]?.confidence ?? null, confidence, `confidence in bin ${bin}`);
    }
    assert.deepEqual(calibration.bins[0], { from: 0, to: 1 / 15, pictures: 0, confidence: null, accuracy: null });
  });

  test('for every threshold', async () => {
    const { coverage } = await judged;
    assert.equal(coverage.curve.length, 101);
    for (const { threshold, ...figures } of expected.coverage) {
      const point = coverage.curve[Math.round(threshold * 100)];
      assert.equal(point?.threshold, threshold);
      near(point?.coverage ?? null, figures.coverage, `coverage at ${threshold}`);
      near(point?.accuracy ?? null, figures.accuracy, `accuracy at ${threshold}`);
    }
    assert.equal(coverage.curve[100]?.accuracy, null, 'nothing is certain');
  });
});

describe('what the threshold does', () => {
  test('is a class, a group or "not sure" for every picture, as in the answers', async () => {
    const { operating } = (await judged).coverage;
    const share = (level: Outcome['level']) => outcomes.filter((one) => one.level === level).length / outcomes.length;
    assert.equal(operating.threshold, 0.7);
    assert.deepEqual(
      [operating.coverage, operating.groups, operating.unsure],
      [share('class'), share('group'), share('unsure')],
    );
    assert.ok(operating.groups > 0 && operating.unsure > 0);
  });

  test('counts a group as right if the true class is in it', () => {
    const group = { level: 'group', probability: 0.5 } as const;
    const all = [outcome({}), outcome({ ...group, groupRight: true }), outcome(group), outcome(group), outcome(group)];
    const { operating } = coverageOf(all, 0.7);
    assert.deepEqual(operating, {
      ...{ threshold: 0.7, coverage: 0.2, accuracy: 1 },
      ...{ groups: 0.8, groupAccuracy: 0.25, unsure: 0 },
    });
  });
});

describe('mistakes', () => {
  test('come with the surest first, and those that are gone without a picture', async () => {
    const { mistakes, wrong: count } = await judged;
    assert.equal(count, outcomes.filter(({ truth, predicted }) => truth !== predicted).length);
    assert.equal(mistakes.length, count);
    const probabilities = mistakes.map(({ probability }) => probability);
    assert.deepEqual(
      probabilities,
      probabilities.toSorted((a, b) => b - a),
    );
    assert.ok(mistakes.every(({ truth, predicted, thumbnail }) => truth !== predicted && thumbnail === null));
  });
});

describe('intervals', () => {
  test('are the same whenever the same is asked, and hold the value', () => {
    const all = [...right(60), ...wrong(40)];
    const one = estimate(all);
    assert.deepEqual(one, estimate(all));
    for (const { value, low, high } of Object.values(one)) assert.ok(low <= value && value <= high);
  });

  test('of a share are those of the binomial distribution', () => {
    // SciPy: binom.ppf([0.025, 0.975], 400, 0.75) / 400.
    const { low, high } = estimate([...right(300), ...wrong(100)]).top1;
    assert.ok(Math.abs(low - 0.7075) < 0.006 && Math.abs(high - 0.7925) < 0.006, `${low} to ${high}`);
  });

  test('are exact where all or none are right, since no resample could say otherwise', () => {
    for (const { right: count, of, low, high } of reference.exact) {
      const { top1 } = estimate([...right(count), ...wrong(of - count)]);
      near(top1.low, low, 'low');
      near(top1.high, high, 'high');
    }
  });
});

describe('a paired test of two models', () => {
  test('has the p of the exact binomial test', () => {
    for (const { one, other, p } of reference.mcNemar)
      assert.ok(Math.abs(mcNemar(one, other) - p) <= 1e-9 * Math.max(p, 1e-3), `${one}, ${other}: ${p}`);
    assert.equal(mcNemar(0, 0), 1);
  });

  test('counts who is right where, and by how much one is better', () => {
    const first = [...right(50), ...right(8), ...wrong(2), ...wrong(40)];
    const second = [...right(50), ...wrong(8), ...right(2), ...wrong(40)];
    const test = comparePaired(first, second, true);
    assert.deepEqual(
      [test.pictures, test.bothRight, test.onlyFirstRight, test.onlySecondRight, test.bothWrong],
      [100, 50, 8, 2, 40],
    );
    near(test.p, 0.109375, 'p');
    near(test.top1.value, 0.06, 'difference');
    assert.ok(test.top1.low < 0.02 && test.top1.low > -0.03 && test.top1.high > 0.1 && test.top1.high < 0.16);
    assert.equal(test.logLoss?.value, 0);
    assert.equal(comparePaired(first, second, false).logLoss, null);
  });
});

test('a loss stays finite where the true class had no probability at all, or all of it', () => {
  near(lossOf(outcome({ truthProbability: 0 })), 52 * Math.LN2, 'the largest');
  near(lossOf(outcome({ truthProbability: 1 })), Number.EPSILON, 'the smallest');
});
