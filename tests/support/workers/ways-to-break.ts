/** How a worker can break. */

export const THROW = 1;
export const EXIT = 2;
export const EXHAUST_HEAP = 3;

export const ways: Readonly<Record<number, () => void>> = {
  [THROW]: () => {
    throw new Error('thrown in the worker');
  },
  [EXIT]: () => process.exit(7),
  [EXHAUST_HEAP]: () => {
    const hoard: unknown[] = [];
    for (;;) hoard.push(Array.from({ length: 1000 }, (_, i) => ({ i })));
  },
};
