import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { resizeAndCrop, shownPart } from '#kaiyan/image/geometry.js';
import { openBundle } from '#kaiyan/models/bundle.js';
import {
  covered,
  type Edits,
  isUntouched,
  type Matrix,
  moved,
  placement,
  strokeBegun,
  strokeContinued,
  UNTOUCHED,
  zoomed,
} from '#page/explanation/edits.js';
import { lensOf } from '#page/explanation/lens.js';
import { embedded } from '../../../support/bundles.js';

const { input } = (await openBundle(embedded('efficientnet-lite0'))).manifest;

const lensFor = (width: number, height: number) =>
  lensOf({ picture: { width, height }, crop: shownPart(width, height, input) }, input);
const lens = lensFor(451, 300);

const apply = ([a, b, c, d, e, f]: Matrix, x: number, y: number) => [a * x + c * y + e, b * x + d * y + f] as const;
const assertClose = (found: readonly number[], expected: readonly number[]) =>
  found.forEach((value, i) => {
    assert.ok(Math.abs(value - (expected[i] ?? Number.NaN)) < 1e-9, `${found}, expected ${expected}`);
  });
const middle = { x: lens.crop.x + lens.crop.width / 2, y: lens.crop.y + lens.crop.height / 2 };

describe('the lens', () => {
  test('is the geometry of the service, so that a square that is sent is not resized again', () => {
    for (const [width, height] of [
      [451, 300],
      [300, 451],
      [1024, 484],
      [37, 37],
      [224, 3000],
    ] as const) {
      const { side, window, resized, origin } = lensFor(width, height);
      assert.equal(side, input.resize.shortSide, `${width}×${height}`);
      const whole = resizeAndCrop(width, height, input);
      assert.deepEqual(resized, { width: whole.width, height: whole.height });
      const { left, top } = resizeAndCrop(side, side, input);
      assert.deepEqual(origin, { x: whole.left - left, y: whole.top - top });
      assert.deepEqual(window, { x: left, y: top, width: 224, height: 224 });
    }
  });
});

describe('a picture that is changed', () => {
  test('lies as the service crops it while it is untouched', () => {
    const { crop, window } = lens;
    const matrix = placement(lens, UNTOUCHED);
    assertClose(apply(matrix, crop.x, crop.y), [window.x, window.y]);
    assertClose(apply(matrix, crop.x + crop.width, crop.y + crop.height), [window.x + 224, window.y + 224]);
    assert.ok(isUntouched(UNTOUCHED));
  });

  test('turns and grows around the middle of what is to be seen', () => {
    const at = placement(lens, { ...UNTOUCHED, zoom: 2, turn: 90 });
    const centre = [lens.window.x + 112, lens.window.y + 112] as const;
    assertClose(apply(at, middle.x, middle.y), centre);
    // A tenth of the crop to the right is now two tenths down.
    assertClose(apply(at, middle.x + lens.crop.width / 10, middle.y), [centre[0], centre[1] + 44.8]);
    assert.equal(zoomed(UNTOUCHED, 100).zoom, 4);
    assert.equal(zoomed(UNTOUCHED, 0.001).zoom, 0.5);
  });

  test('follows the finger, however it is turned and enlarged', () => {
    for (const edits of [
      UNTOUCHED,
      { ...UNTOUCHED, zoom: 2.5, turn: 37 },
      { ...UNTOUCHED, zoom: 0.5, turn: -120, x: 0.2 },
    ]) {
      const before = apply(placement(lens, edits), 200, 100);
      const after = apply(placement(lens, moved(edits, 0.1, -0.05)), 200, 100);
      assertClose(after, [before[0] + 22.4, before[1] - 11.2]);
    }
  });

  test('cannot be lost', () => {
    let edits: Edits = UNTOUCHED;
    for (let i = 0; i < 100; i++) edits = moved(edits, 1, 1);
    assert.deepEqual([edits.x, edits.y], [-1.5, -1.5]);
  });

  test('is touched by whatever is done to it', () => {
    const changes: Edits[] = [
      covered(UNTOUCHED, { x: 0.5, y: 0.5 }, 0.3),
      strokeBegun(UNTOUCHED, { x: 0, y: 0 }, 0.1),
      moved(UNTOUCHED, 0.1, 0),
      zoomed(UNTOUCHED, 1.1),
      { ...UNTOUCHED, turn: 1 },
      { ...UNTOUCHED, blur: 1 },
      { ...UNTOUCHED, brightness: 0.9 },
    ];
    assert.deepEqual(changes.filter(isUntouched), []);
  });

  test('keeps its card in sight, and its strokes apart', () => {
    assert.deepEqual(covered(UNTOUCHED, { x: 1.4, y: -1 }, 0.3).card, { x: 1, y: 0, size: 0.3 });
    const first = strokeContinued(strokeBegun(UNTOUCHED, { x: 0, y: 0 }, 0.1), { x: 0.1, y: 0 });
    const second = strokeBegun(first, { x: 0.5, y: 0.5 }, 0.2);
    assert.deepEqual(
      second.strokes.map(({ points }) => points.length),
      [2, 1],
    );
    assert.equal(strokeContinued(UNTOUCHED, { x: 0, y: 0 }), UNTOUCHED);
  });
});
