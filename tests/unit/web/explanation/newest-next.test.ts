import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createNewestNext } from '#page/explanation/newest-next.js';

/** Work that is done when the test says so. */
function bench() {
  const begun: {
    readonly input: string;
    readonly done: () => void;
    readonly fail: () => void;
    readonly signal: AbortSignal;
  }[] = [];
  const heard: (readonly [unknown, boolean?])[] = [];
  const asking = createNewestNext<string, string>({
    work: (input, signal) =>
      new Promise((resolve, reject) => {
        begun.push({ input, signal, done: () => resolve(input), fail: () => reject(new Error(input)) });
      }),
    onDone: (output, isNewest) => heard.push([output, isNewest]),
    onFailed: (error) => heard.push([String(error)]),
  });
  return { ...asking, begun, heard, inputs: () => begun.map(({ input }) => input) };
}

describe('the newest next', () => {
  test('has one thing in work, and then the newest of what came meanwhile', async () => {
    const { push, begun, heard, inputs } = bench();
    for (const input of ['a', 'b', 'c']) push(input);
    assert.deepEqual(inputs(), ['a']);
    begun[0]?.done();
    await turn();
    assert.deepEqual(inputs(), ['a', 'c']);
    begun[1]?.done();
    await turn();
    assert.deepEqual(heard, [
      ['a', false],
      ['c', true],
    ]);
    assert.equal(begun.length, 2);
  });

  test('goes on after a failure', async () => {
    const { push, begun, heard } = bench();
    push('a');
    push('b');
    begun[0]?.fail();
    await turn();
    begun[1]?.done();
    await turn();
    assert.deepEqual(heard, [['Error: a'], ['b', true]]);
  });

  test('tells nothing of what was forgotten, but of what is asked after it', async () => {
    const { push, forget, begun, heard, inputs } = bench();
    push('a');
    push('b');
    forget();
    begun[0]?.done();
    await turn();
    assert.deepEqual([inputs(), heard], [['a'], []]);
    push('c');
    begun[1]?.done();
    await turn();
    assert.deepEqual(heard, [['c', true]]);
  });

  test('gives up its work when it ends', async () => {
    const { push, end, begun, heard } = bench();
    push('a');
    push('b');
    end();
    assert.ok(begun[0]?.signal.aborted);
    begun[0]?.fail();
    await turn();
    assert.deepEqual([begun.length, heard], [1, []]);
  });
});
