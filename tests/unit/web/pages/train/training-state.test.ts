import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PHASES } from '#kaiyan/training/training.js';
import { afterEvent, isGain, rightOf, STEPS, shareOf, stepOf, verdictOf } from '#page/pages/train/training-state.js';

type Training = NonNullable<ReturnType<typeof afterEvent>>;

const started = afterEvent(undefined, {
  type: 'training',
  data: JSON.stringify({ id: '1', state: 'running', progress: null, curve: [], findings: [] }),
}) as Training;
const tell = (training: Training, type: string, data: unknown) =>
  afterEvent(training, { type, data: JSON.stringify(data) }) as Training;
const point = (epoch: number, loss = 1) => ({ epoch, loss, accuracy: 0, validationLoss: 0, validationAccuracy: 0 });

test('a training is what its events make of it', () => {
  const progress = { phase: 'fitting', done: 1, total: 3, secondsLeft: null };
  assert.deepEqual(tell(started, 'progress', progress).progress, progress);
  const finding = { kind: 'outlier', pictures: ['a'], classes: [], message: 'm', messageZh: 'z' };
  const found = tell(started, 'finding', { finding });
  assert.deepEqual(found.findings, [finding]);
  assert.equal(tell(found, 'finding', { finding }), found);
  const ended = { ...started, state: 'done' };
  assert.deepEqual(tell(found, 'training', ended), ended);
  assert.equal(tell(found, 'end', {}), found);
  assert.equal(afterEvent(undefined, { type: 'progress', data: '{}' }), undefined);
});

test('points are in the order of their epochs, each once, however often they are told', () => {
  const told = [point(1), point(0), point(2), point(1, 5)];
  const { curve } = told.reduce((training, one) => tell(training, 'point', { point: one }), started);
  assert.deepEqual(curve, [point(0), point(1, 5), point(2)]);
});

test('every phase is part of a step, and steps never go back', () => {
  const steps = PHASES.map((phase) => STEPS.indexOf(stepOf({ phase, done: 0, total: 0, secondsLeft: null })));
  assert.ok(steps.every((step) => step >= 0));
  assert.deepEqual(
    steps,
    steps.toSorted((a, b) => a - b),
  );
});

test('how far a step is is said only while there is something to count', () => {
  assert.equal(shareOf({ done: 0, total: 40 }), 0);
  assert.equal(shareOf({ done: 10, total: 40 }), 0.25);
  for (const [done, total] of [
    [0, 0],
    [0, 1],
    [1, 1],
    [40, 40],
  ] as const)
    assert.equal(shareOf({ done, total }), undefined);
});

test('a share of pictures is a number of pictures again', () => {
  for (let right = 0; right <= 49; right += 1) assert.equal(rightOf(right / 49, 49), right);
});

const compared = (present: number, candidate: number, p: number, before = 0, after = 0) => ({
  present: { model: 'a', top1: present, loss: before },
  candidate: { model: 'b', top1: candidate, loss: after },
  ...{ p, pictures: 10, onlyPresentRight: 0, onlyCandidateRight: 0 },
});

test('only a model that gains something is worth changing to', () => {
  assert.equal(isGain(compared(0.8, 0.9, 0.2)), true);
  assert.equal(isGain(compared(0, 0, 1, 36, 1.8)), true);
  assert.equal(isGain(compared(0, 0, 1, 13.398, 13.398)), false);
  assert.equal(isGain(compared(0.9, 0.8, 0.2)), false);
});

test('what may be chance is called so', () => {
  const judge = (...given: Parameters<typeof compared>) => verdictOf(compared(...given));
  assert.equal(judge(0.8, 0.9, 0.01), 'better');
  assert.equal(judge(0.9, 0.8, 0.01), 'worse');
  assert.equal(judge(0.8, 0.9, 0.2), 'perhaps-better');
  assert.equal(judge(0.9, 0.8, 0.2), 'perhaps-worse');
  assert.equal(judge(0.9, 0.9, 1), 'same');
  assert.equal(judge(0, 0, 1, 36, 1.8), 'closer');
  assert.equal(judge(0, 0, 1, 1.8, 36), 'same');
});
