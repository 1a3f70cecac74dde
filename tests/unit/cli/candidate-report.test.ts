import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeCandidate } from '#kaiyan/cli/candidate-report.js';

const side = { model: 'mine@1', top1: 0.5, loss: 1 };

function described(onlyPresentRight: number, onlyCandidateRight: number, p: number): string {
  const comparison = { present: side, candidate: side, pictures: 9, onlyPresentRight, onlyCandidateRight, p };
  return describeCandidate({ model: 'mine@2', comparison, int8: null, folder: 'run' }, false);
}

test('a candidate that is right as often as the present model is not said to differ from it', () => {
  assert.match(described(0, 0, 1), /^Both are right on as many pictures/m);
  assert.match(described(3, 3, 1), /^Both are right on as many pictures/m);
  assert.doesNotMatch(described(2, 2, 1), /uneven/);
  assert.match(
    described(0, 6, 0.03125),
    /^If neither were better, so uneven a result would have a probability of 0\.031\./m,
  );
});
