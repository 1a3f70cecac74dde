/** Numbers that are random to look at and the same for the same seed, on every machine. */

export interface Random {
  /** 0 ≤ x < 1. */
  readonly next: () => number;
  /** An integer, 0 ≤ i < `limit`. */
  readonly below: (limit: number) => number;
  /** The same items in another order. */
  readonly shuffled: <Item>(items: Iterable<Item>) => Item[];
}

/** Small whole numbers and words make different sequences; the generator is sfc32 (PractRand, public domain). */
export function createRandom(...seed: readonly (number | string)[]): Random {
  let [a, b, c] = hash(seed.join('\u0000'));
  let counter = 1;

  function next(): number {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  }

  const below = (limit: number) => Math.floor(next() * limit);

  function shuffled<Item>(items: Iterable<Item>): Item[] {
    const order = [...items];
    for (let i = order.length - 1; i > 0; i--) {
      const j = below(i + 1);
      [order[i], order[j]] = [order[j] as Item, order[i] as Item];
    }
    return order;
  }

  // Seeds that are alike begin alike.
  for (let i = 0; i < 20; i++) next();
  return { next, below, shuffled };
}

/** FNV-1a, three times. */
function hash(text: string): [number, number, number] {
  return [0x811c9dc5, 0x01000193, 0x9e3779b9].map((start) => {
    let value = start;
    for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
    return value | 0;
  }) as [number, number, number];
}
