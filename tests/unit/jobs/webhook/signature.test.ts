import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Job } from '#kaiyan/jobs/job.js';
import { webhookMessage } from '#kaiyan/jobs/webhook/message.js';
import { retryDelayMs } from '#kaiyan/jobs/webhook/retry.js';
import { keyOf, signatureHeaders } from '#kaiyan/jobs/webhook/signature.js';
import { appError } from '../../../support/errors.js';

describe('the signature of a webhook', () => {
  test('is that of the specification', () => {
    // What the specification's own libraries are tested with, https://github.com/standard-webhooks/standard-webhooks.
    const key = keyOf('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    const headers = signatureHeaders(key, 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, '{"test": 2432232314}');
    assert.deepEqual(headers, {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  test('takes a secret in base64 behind its prefix, and any other as it is', () => {
    assert.deepEqual(keyOf('whsec_AAEC'), Buffer.from([0, 1, 2]));
    assert.deepEqual(keyOf('钥匙'), Buffer.from('钥匙'));
    assert.deepEqual(keyOf('AAEC'), Buffer.from('AAEC'));
    for (const secret of ['whsec_', 'whsec_not base64!'])
      assert.throws(
        () => keyOf(secret),
        (error: Error) => {
          assert.ok(!error.message.includes('not base64'));
          return appError('SETTING_INVALID', 'webhookSecret', 'whsec_')(error);
        },
      );
  });
});

describe('trying again', () => {
  const schedule = (random: () => number) => {
    const delays: number[] = [];
    for (let attempts = 1; ; attempts++) {
      const delay = retryDelayMs(attempts, random);
      if (delay === undefined) return delays;
      delays.push(delay);
    }
  };
  const sum = (delays: readonly number[]) => delays.reduce((total, delay) => total + delay, 0);

  test('comes soon at first, then ever later, for about a day', () => {
    const delays = schedule(() => 0.5);
    assert.deepEqual(delays.slice(0, 4), [10_000, 30_000, 90_000, 270_000]);
    assert.deepEqual(
      delays,
      delays.toSorted((a, b) => a - b),
    );
    assert.ok(sum(delays) > 24 * 3_600_000 && sum(delays) < 27 * 3_600_000);
  });

  test('differs by a fifth, so that not all come at once', () => {
    const [least, most] = [schedule(() => 0), schedule(() => 1)];
    assert.equal(least[0], 8_000);
    assert.equal(most[0], 12_000);
    const some = Array.from({ length: 20 }, () => retryDelayMs(1) ?? 0);
    assert.ok(new Set(some).size > 1 && some.every((delay) => delay >= 8_000 && delay <= 12_000));
  });
});

describe('what a webhook is told', () => {
  const job: Job = {
    id: 'abc',
    state: 'completed',
    options: { top: 5, webhook: 'https://hooks.example.com/?token=secret' },
    counts: { total: 3, answered: 2, failed: 1, canceled: 0 },
    recorded: 3,
    createdAt: 0,
    startedAt: 1000,
    endedAt: 2000,
    expiresAt: 3000,
  };

  test('is how the job has ended', () => {
    assert.deepEqual(JSON.parse(webhookMessage(job).body), {
      type: 'job.completed',
      timestamp: '1970-01-01T00:00:02.000Z',
      data: {
        id: 'abc',
        state: 'completed',
        counts: { total: 3, answered: 2, failed: 1, canceled: 0 },
        created: '1970-01-01T00:00:00.000Z',
        started: '1970-01-01T00:00:01.000Z',
        ended: '1970-01-01T00:00:02.000Z',
        expires: '1970-01-01T00:00:03.000Z',
      },
    });
    assert.equal(JSON.parse(webhookMessage({ ...job, startedAt: undefined }).body).data.started, null);
  });

  test('has the same id each time, and another one after a retry', () => {
    assert.equal(webhookMessage(job).id, webhookMessage({ ...job }).id);
    assert.notEqual(webhookMessage(job).id, webhookMessage({ ...job, endedAt: 5000 }).id);
  });
});
