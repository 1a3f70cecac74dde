import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type FrameAnswer, type Smoothed, smooth, steadyAnswer } from '#page/camera/smoothing.js';

const CLASSES = ['cat', 'cup', 'alp', 'dog'];

/** A frame of which these classes have these probabilities; the first is the answer. */
function frame(shares: Readonly<Record<string, number>>, group?: string): FrameAnswer {
  const predictions = Object.entries(shares).map(([label, probability]) => {
    const index = CLASSES.indexOf(label);
    return { index, wnid: null, label, probability };
  });
  const [best] = predictions;
  const label = group ?? best?.label ?? '';
  const level = group === undefined ? 'class' : 'group';
  return {
    predictions,
    answer: { level, label, wnid: null, group: group ?? null, probability: best?.probability ?? 0 },
  };
}

const sure = (label: string) => frame({ [label]: 0.9 });
const unsure: FrameAnswer = {
  ...frame({ cat: 0.2, dog: 0.1 }),
  answer: { level: 'unsure', label: null, wnid: null, group: null, probability: 0.2 },
};

/** What is said after each of the frames, which come at this distance. */
function saidAfter(frames: readonly FrameAnswer[], gapMs: number): (string | null | undefined)[] {
  let state: Smoothed | undefined;
  return frames.map((one, i) => {
    state = smooth(state, one, i * gapMs);
    return steadyAnswer(state, 5)?.answer.label;
  });
}

const times = <Value>(count: number, value: Value): Value[] => Array.from({ length: count }, () => value);

describe('the steady answer of many frames', () => {
  test('is at first that of the first frame, as it is', () => {
    const first = frame({ cat: 0.7, dog: 0.2, cup: 0.0001 });
    assert.deepEqual(steadyAnswer(smooth(undefined, first, 1e6), 5), first);
  });

  test('follows a clear change within a second, whatever the number of frames a second', () => {
    for (const gapMs of [50, 100, 250, 500]) {
      const frames = [...times(2000 / gapMs, sure('cat')), ...times(1000 / gapMs, sure('cup'))];
      const said = saidAfter(frames, gapMs);
      assert.equal(said[2000 / gapMs - 1], 'cat');
      assert.equal(said.at(-1), 'cup', `${gapMs} ms`);
    }
  });

  test('does not follow one frame or two that differ', () => {
    const said = saidAfter([...times(20, sure('cat')), sure('cup'), sure('alp'), ...times(5, sure('cat'))], 50);
    assert.deepEqual(new Set(said), new Set(['cat']));
  });

  test('does not flicker between two that take turns', () => {
    const frames = Array.from({ length: 200 }, (_, i) => sure(i % 2 === 0 ? 'cat' : 'cup'));
    assert.deepEqual(new Set(saidAfter(frames, 50)), new Set(['cat']));
    const threes = Array.from({ length: 200 }, (_, i) => sure(i % 6 < 3 ? 'cat' : 'cup'));
    assert.deepEqual(new Set(saidAfter(threes, 50)), new Set(['cat']));
  });

  test('goes to a group, and to being unsure, as the service does', () => {
    const group = frame({ cat: 0.4, dog: 0.3 }, 'animal');
    const said = saidAfter([...times(20, sure('cat')), ...times(20, group), ...times(20, unsure)], 50);
    assert.deepEqual([said[19], said[39], said[59]], ['cat', 'animal', null]);
  });

  test('takes what comes after a pause as it is', () => {
    const before = [0, 50, 100].reduce<Smoothed | undefined>((state, at) => smooth(state, sure('cat'), at), undefined);
    const after = smooth(before, frame({ cup: 0.8, alp: 0.1 }), 60_000);
    assert.deepEqual(steadyAnswer(after, 5), frame({ cup: 0.8, alp: 0.1 }));
  });

  test('finds another one when nothing leads for long', () => {
    const labels = Array.from({ length: 60 }, (_, i) => `thing ${i}`);
    const said = saidAfter([...times(20, sure('cat')), ...labels.map((label) => frame({ [label]: 0.9 }))], 250);
    assert.equal(said.every(Boolean), true);
    assert.notEqual(said.at(-1), 'cat');
  });
});

describe('the smoothed probabilities', () => {
  test('are exponential averages with a half-life of 400 ms, in which a class that is not named counts as 0', () => {
    let state = smooth(undefined, frame({ cat: 0.8, dog: 0.1 }), 0);
    state = smooth(state, frame({ cup: 0.6 }), 400);
    const probabilities = steadyAnswer(state, 5)?.predictions.map(({ label, probability }) => [label, probability]);
    assert.deepEqual(probabilities, [
      ['cat', 0.4],
      ['cup', 0.3],
      ['dog', 0.05],
    ]);
    state = smooth(state, frame({ cup: 0.6 }), 1200);
    assert.equal(steadyAnswer(state, 1)?.predictions[0]?.probability.toFixed(6), (0.3 / 4 + 0.6 * 0.75).toFixed(6));
  });

  test('of an answer are those of the frames that were answered so', () => {
    let state = smooth(undefined, frame({ cat: 0.9 }, 'animal'), 0);
    state = smooth(state, unsure, 100);
    assert.equal(steadyAnswer(state, 5)?.answer.probability, 0.9);
    state = smooth(state, frame({ cat: 0.7 }, 'animal'), 200);
    const { probability = 0 } = steadyAnswer(state, 5)?.answer ?? {};
    assert.ok(probability > 0.7 && probability < 0.9, String(probability));
  });

  test('forget what is gone, so that a long time takes no memory', () => {
    let state: Smoothed | undefined;
    for (let i = 0; i < 5000; i += 1) {
      const predictions = [{ index: i, wnid: null, label: `thing ${i}`, probability: 0.9 }];
      state = smooth(state, { ...sure(`thing ${i}`), predictions }, i * 50);
    }
    assert.ok((state?.classes.size ?? 0) < 200, String(state?.classes.size));
    assert.ok((state?.answers.size ?? 0) < 200, String(state?.answers.size));
  });
});
