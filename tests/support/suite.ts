/** What the tests of a `describe` share. */
import { after, type TestContext } from 'node:test';

export type Ending = Pick<TestContext, 'after'>;

/** Like the context of one test, for the whole `describe` in which this is called: the last that began is the first to end. */
export function suite(): Ending {
  const ends: (() => unknown)[] = [];
  after(async () => {
    for (const end of ends.reverse()) await end();
  });
  return { after: (end) => void ends.push(end as () => unknown) };
}
