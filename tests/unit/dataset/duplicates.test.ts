import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Fingerprinted, groupDuplicates } from '#kaiyan/dataset/duplicates.js';
import { fingerprintDistance, NEAR_DUPLICATE_BITS } from '#kaiyan/image/fingerprint.js';
import { createRandom } from '#kaiyan/random.js';
import { rejectsWith } from '../../support/errors.js';

const never = new AbortController().signal;
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
  test('are found by their bytes and by what they look like, and copies of copies belong together', async () => {
    const [one, other] = [fingerprint(), fingerprint()];
    const near = changed(one, NEAR_DUPLICATE_BITS);
    const {
      groups,
      exact,
      near: alike,
    } = await groupDuplicates(
      [
        picture('a', one),
        picture('b', other),
        picture('a', one),
        picture('c', near),
        picture('d', changed(near, NEAR_DUPLICATE_BITS)),
        picture('b', other),
        picture('e', changed(other, NEAR_DUPLICATE_BITS + 1)),
      ],
      never,
    );
    assert.deepEqual(exact, [
      [0, 2],
      [1, 5],
    ]);
    assert.deepEqual(alike, [[0, 2, 3, 4]]);
    const [first, second] = groups;
    assert.deepEqual([...groups.slice(0, 6)], [first, second, first, first, first, second]);
    assert.equal(new Set(groups).size, 3);
  });

  test('are those that comparing every picture with every other finds', async () => {
    const originals = Array.from({ length: 100 }, fingerprint);
    const prints = [...originals, ...originals.map((one) => changed(one, random.below(70)))];
    const { groups } = await groupDuplicates(
      prints.map((print, i) => picture(`${i}`, print)),
      never,
    );
    const near = (a: Uint8Array, b: Uint8Array) => fingerprintDistance(a, b) <= NEAR_DUPLICATE_BITS;
    for (let i = 0; i < 100; i++) {
      const [original, copy] = [prints[i] as Uint8Array, prints[i + 100] as Uint8Array];
      assert.equal(groups[i] === groups[i + 100], near(original, copy));
    }
    assert.equal(groups[0] === groups[1], near(prints[0] as Uint8Array, prints[1] as Uint8Array));
  });

  test('are none among no pictures', async () => {
    assert.deepEqual(await groupDuplicates([], never), { groups: new Int32Array(0), exact: [], near: [] });
  });

  test('are copies of each other by way of others that are their copies, in any order', async () => {
    const chain: Uint8Array[] = [fingerprint()];
    while (chain.length < 60) chain.push(changed(chain.at(-1) as Uint8Array, NEAR_DUPLICATE_BITS));
    const pictures = random.shuffled([...chain, ...Array.from({ length: 40 }, fingerprint)].entries());
    const { groups } = await groupDuplicates(
      pictures.map(([i, print]) => picture(`${i}`, print)),
      never,
    );
    const inChain = groups.filter((_, at) => (pictures[at]?.[0] as number) < chain.length);
    assert.deepEqual([new Set(inChain).size, new Set(groups).size], [1, 41]);
  });

  test('among 10,000 pictures are found within seconds, and others have their turn meanwhile', async () => {
    const pictures = Array.from({ length: 10_000 }, (_, i) => picture(`${i}`, fingerprint()));
    let turns = 0;
    const others = setInterval(() => (turns += 1), 0);
    const begun = performance.now();
    const { groups } = await groupDuplicates(pictures, never);
    clearInterval(others);
    assert.equal(new Set(groups).size, 10_000);
    assert.ok(performance.now() - begun < 30_000);
    assert.ok(turns > 10, `${turns} turns of others`);
  });

  test('are 50,000 of one picture, and as many near ones, within seconds', async () => {
    const one = fingerprint();
    const pictures = Array.from({ length: 50_000 }, (_, i) =>
      picture(`${i}`, i % 2 === 0 ? one : changed(one, random.below(18))),
    );
    const begun = performance.now();
    const { groups, near } = await groupDuplicates(pictures, never);
    assert.deepEqual([new Set(groups).size, near[0]?.length], [1, 50_000]);
    assert.ok(performance.now() - begun < 30_000);
  });

  test('are not looked for any more when nobody wants them', async () => {
    const pictures = Array.from({ length: 5_000 }, (_, i) => picture(`${i}`, fingerprint()));
    await rejectsWith(groupDuplicates(pictures, AbortSignal.abort()), 'ABORTED');
  });
});
