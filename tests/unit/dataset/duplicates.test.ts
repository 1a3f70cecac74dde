import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Fingerprinted, groupDuplicates } from '#kaiyan/dataset/duplicates.js';
import { fingerprintDistance, NEAR_DUPLICATE_BITS } from '#kaiyan/image/fingerprint.js';
import { createRandom } from '#kaiyan/random.js';

const random = createRandom('duplicates');
const fingerprint = () => Uint8Array.from({ length: 32 }, () => random.below(256));

/** With so many other bits, spread over the whole fingerprint. */
function changed(original: Uint8Array, bits: number): Uint8Array {
  const copy = original.slice();
  for (const bit of random.shuffled(Array(256).keys()).slice(0, bits)) (copy[bit >> 3] as number) ^= 1 << (bit & 7);
  return copy;
}

const picture = (sha256: string, print: Uint8Array): Fingerprinted => ({ sha256, fingerprint: print });

describe('copies', () => {
  test('are found by their bytes and by what they look like, and copies of copies belong together', () => {
    const [one, other] = [fingerprint(), fingerprint()];
    const near = changed(one, NEAR_DUPLICATE_BITS);
    const {
      groups,
      exact,
      near: alike,
    } = groupDuplicates([
      picture('a', one),
      picture('b', other),
      picture('a', one),
      picture('c', near),
      picture('d', changed(near, NEAR_DUPLICATE_BITS)),
      picture('b', other),
      picture('e', changed(other, NEAR_DUPLICATE_BITS + 1)),
    ]);
    assert.deepEqual(exact, [
      [0, 2],
      [1, 5],
    ]);
    assert.deepEqual(alike, [[0, 2, 3, 4]]);
    const [first, second] = groups;
    assert.deepEqual([...groups.slice(0, 6)], [first, second, first, first, first, second]);
    assert.equal(new Set(groups).size, 3);
  });

  test('are those that comparing every picture with every other finds', () => {
    const originals = Array.from({ length: 100 }, fingerprint);
    const prints = [...originals, ...originals.map((one) => changed(one, random.below(70)))];
    const { groups } = groupDuplicates(prints.map((print, i) => picture(`${i}`, print)));
    const near = (a: Uint8Array, b: Uint8Array) => fingerprintDistance(a, b) <= NEAR_DUPLICATE_BITS;
    for (let i = 0; i < 100; i++) {
      const [original, copy] = [prints[i] as Uint8Array, prints[i + 100] as Uint8Array];
      assert.equal(groups[i] === groups[i + 100], near(original, copy));
    }
    assert.equal(groups[0] === groups[1], near(prints[0] as Uint8Array, prints[1] as Uint8Array));
  });

  test('are none among no pictures', () => {
    assert.deepEqual(groupDuplicates([]), { groups: new Int32Array(0), exact: [], near: [] });
  });

  test('among 10,000 pictures are found within seconds', () => {
    const pictures = Array.from({ length: 10_000 }, (_, i) => picture(`${i}`, fingerprint()));
    const begun = performance.now();
    assert.equal(new Set(groupDuplicates(pictures).groups).size, 10_000);
    assert.ok(performance.now() - begun < 30_000);
  });
});
