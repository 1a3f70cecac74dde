import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRandom } from '#kaiyan/random.js';

const some = (count: number, ...seed: (number | string)[]) => {
  const random = createRandom(...seed);
  return Array.from({ length: count }, () => random.next());
};

describe('random numbers of a seed', () => {
  test('are the same each time, and others for another seed', () => {
    assert.deepEqual(some(5, 1, 'view'), some(5, 1, 'view'));
    assert.notDeepEqual(some(5, 1), some(5, 2));
    assert.notDeepEqual(some(5, 1, 2), some(5, 12));
  });

  test('are spread evenly over 0 to 1, also the first ones of seeds that follow each other', () => {
    const firsts = Array.from({ length: 10_000 }, (_, seed) => createRandom(seed).next());
    for (const numbers of [some(10_000, 7), firsts]) {
      const counts = Array.from({ length: 10 }, () => 0);
      for (const x of numbers) counts[Math.floor(x * 10)] = (counts[Math.floor(x * 10)] as number) + 1;
      // Chi-squared of nine degrees of freedom exceeds 28 once in a thousand times.
      const chi2 = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
      assert.ok(chi2 < 28, `${chi2}`);
    }
  });

  test('shuffle without losing anything, and every order comes up', () => {
    const orders = new Set<string>();
    for (let seed = 0; seed < 200; seed++) orders.add(createRandom(seed).shuffled('abc').join(''));
    assert.deepEqual([...orders].sort(), ['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
  });
});
