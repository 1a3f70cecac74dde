import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { percent, withPercentSign } from '#page/components/format.js';

describe('a share in percent', () => {
  for (const [share, digits, en, zh] of [
    [0.421, 1, '42.1\u00a0%', '42.1%'],
    [1, 0, '100\u00a0%', '100%'],
    [0, 1, '0.0\u00a0%', '0.0%'],
    [0.0004, 1, '<\u00a00.1\u00a0%', '<0.1%'],
    [0.0006, 1, '0.1\u00a0%', '0.1%'],
    [0.004, 0, '<\u00a01\u00a0%', '<1%'],
  ] as const)
    test(`${share} with ${digits} digits has a space before the sign in English, and none in Chinese`, () => {
      assert.equal(percent(share, 'en', digits), en);
      assert.equal(percent(share, 'zh', digits), zh);
    });

  test('a figure that is in percent keeps its digits', () => {
    assert.equal(withPercentSign(80.858, 'en'), '80.858\u00a0%');
    assert.equal(withPercentSign(80.858, 'zh'), '80.858%');
  });
});
