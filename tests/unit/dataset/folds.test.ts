import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assignFolds, classesOfOneGroup, holdOut } from '#kaiyan/dataset/folds.js';
import { splitPictures } from '#kaiyan/dataset/split.js';

/** So many pictures of each class, in turn. */
const labelled = (...counts: readonly number[]) =>
  Int32Array.from(counts.flatMap((count, label) => Array<number>(count).fill(label)));
const alone = (labels: Int32Array) => Int32Array.from(labels, (_, i) => i);
const countIn = (labels: Int32Array, positions: readonly number[], label: number) =>
  positions.filter((i) => labels[i] === label).length;
const membersOf = (folds: Int32Array, fold: number) => [...folds.keys()].filter((i) => folds[i] === fold);

describe('folds', () => {
  test('have the same share of every class, as near as whole pictures allow', () => {
    const labels = labelled(124, 121, 7, 3);
    const folds = assignFolds(labels, alone(labels), 5, 1);
    for (const label of [0, 1, 2, 3]) {
      const counts = [0, 1, 2, 3, 4].map((fold) => countIn(labels, membersOf(folds, fold), label));
      assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `class ${label}: ${counts}`);
    }
    const sizes = [0, 1, 2, 3, 4].map((fold) => membersOf(folds, fold).length);
    assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 2, `${sizes}`);
  });

  test('never part copies, and stay even with them', () => {
    const labels = labelled(60, 60);
    // Six copies of ten pictures of each class.
    const groups = Int32Array.from(labels, (_, i) => Math.floor(i / 6));
    const folds = assignFolds(labels, groups, 5, 3);
    for (const group of new Set(groups))
      assert.equal(new Set([...folds].filter((_, i) => groups[i] === group)).size, 1);
    for (let fold = 0; fold < 5; fold++) assert.equal(countIn(labels, membersOf(folds, fold), 0), 12);
  });

  test('part a class that has nothing but copies of one picture, since nobody could be asked about it otherwise', () => {
    const labels = labelled(10, 10);
    const groups = Int32Array.from(labels, (label, i) => (label === 0 ? 0 : i));
    const folds = assignFolds(labels, groups, 5, 0);
    for (let fold = 0; fold < 5; fold++) assert.equal(countIn(labels, membersOf(folds, fold), 0), 2);
    assert.ok(holdOut(labels, groups, 0.2, 0).validation.some((i) => labels[i] === 0));
  });

  test('do not part the pictures of other classes that are copies of such a class', () => {
    // All of class 0, and four pictures of class 1, are copies of each other.
    const labels = labelled(10, 40);
    const groups = Int32Array.from(labels, (_, i) => (i < 14 ? 0 : i));
    const others = [10, 11, 12, 13];
    for (let seed = 0; seed < 10; seed++) {
      const folds = assignFolds(labels, groups, 5, seed);
      assert.equal(new Set(others.map((i) => folds[i])).size, 1);
      const { validation } = holdOut(labels, groups, 0.2, seed);
      assert.ok([0, 4].includes(others.filter((i) => validation.includes(i)).length));
      assert.equal(countIn(labels, validation, 0), 2);
    }
    assert.deepEqual([...classesOfOneGroup(labels, groups)], [[0, 0]]);
    assert.deepEqual([...classesOfOneGroup(Int32Array.of(0, 1, 1), Int32Array.of(0, 1, 2))], []);
  });

  test('are the same for the same seed, and others for another', () => {
    const labels = labelled(30, 30);
    assert.deepEqual(assignFolds(labels, alone(labels), 5, 7), assignFolds(labels, alone(labels), 5, 7));
    assert.notDeepEqual(assignFolds(labels, alone(labels), 5, 7), assignFolds(labels, alone(labels), 5, 8));
  });

  test('of 50,000 pictures of 5,000 classes are found within seconds', () => {
    const labels = Int32Array.from({ length: 50_000 }, (_, i) => i % 5000);
    const begun = performance.now();
    assignFolds(labels, alone(labels), 5, 1);
    holdOut(labels, alone(labels), 0.2, 1);
    assert.ok(performance.now() - begun < 20_000);
  });
});

describe('pictures that are held out', () => {
  test('are the share of each class and of all, never a class as a whole', () => {
    const labels = labelled(100, 50, 3, 2, 1);
    const { training, validation } = holdOut(labels, alone(labels), 0.2, 5);
    assert.deepEqual(
      [...training, ...validation].toSorted((a, b) => a - b),
      [...labels.keys()],
    );
    assert.equal(validation.length, 31);
    assert.deepEqual(
      [0, 1].map((label) => countIn(labels, validation, label)),
      [20, 10],
    );
    for (const label of [2, 3, 4]) assert.ok(countIn(labels, training, label) >= 1, `class ${label}`);
    assert.equal(countIn(labels, validation, 4), 0);
  });

  test('are some even where each class has few', () => {
    const labels = labelled(...Array<number>(50).fill(2));
    assert.equal(holdOut(labels, alone(labels), 0.2, 1).validation.length, 20);
    const most = holdOut(labels, alone(labels), 0.9, 1);
    assert.equal(most.validation.length, 50, 'one of two of each class');
  });

  test('have no copies in training', () => {
    const labels = labelled(40, 40);
    const groups = Int32Array.from(labels, (_, i) => Math.floor(i / 4));
    const { training, validation } = holdOut(labels, groups, 0.25, 2);
    const learned = new Set(training.map((i) => groups[i]));
    assert.equal(validation.length, 16, 'two quartets of each class: a third would be more than its share');
    assert.ok(validation.every((i) => !learned.has(groups[i])));
  });

  test('are some of a class of a few bursts too, each of which is more than its share', () => {
    const labels = labelled(30, 30, 40);
    // Two bursts of the first class, of 20 and 10; of the second three, of 10 each; pictures of the third.
    const groups = Int32Array.from(labels, (_, i) => (i < 20 ? 0 : i < 60 ? Math.floor(i / 10) : i));
    for (let seed = 0; seed < 10; seed++) {
      const { training, validation } = holdOut(labels, groups, 0.2, seed);
      assert.deepEqual(
        [0, 1, 2].map((label) => countIn(labels, validation, label)),
        [10, 10, 8],
      );
      const learned = new Set(training.map((i) => groups[i]));
      assert.ok(validation.every((i) => !learned.has(groups[i])));
    }
  });

  test('are none for a share of 0', () => {
    const labels = labelled(5, 5);
    assert.deepEqual(holdOut(labels, alone(labels), 0, 1), { training: [...labels.keys()], validation: [] });
  });
});

describe('a split in three', () => {
  test('has its shares of all pictures, and each picture once', () => {
    const labels = labelled(100, 60);
    const {
      train,
      validation,
      test: tested,
    } = splitPictures(labels, alone(labels), {
      ...{ validation: 0.2, test: 0.1, seed: 4 },
    });
    assert.deepEqual([train.length, validation.length, tested.length], [112, 32, 16]);
    assert.equal(new Set([...train, ...validation, ...tested]).size, 160);
    assert.deepEqual([countIn(labels, validation, 0), countIn(labels, tested, 0)], [20, 10]);
  });

  test('does not part the burst that is left of a class when another one went into the test', () => {
    const labels = labelled(20, 60);
    const groups = Int32Array.from(labels, (_, i) => (i < 20 ? Math.floor(i / 10) : i));
    for (let seed = 0; seed < 10; seed++) {
      const split = splitPictures(labels, groups, { validation: 0.2, test: 0.2, seed });
      assert.deepEqual(
        [split.train, split.validation, split.test].map((part) => countIn(labels, part, 0)),
        [10, 0, 10],
      );
    }
  });
});
