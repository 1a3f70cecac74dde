import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createAdmission } from '#kaiyan/classification/admission.js';
import { appError } from '../../support/errors.js';

describe('admission', () => {
  test('is refused at once over the number of pictures, and free again when one leaves', () => {
    const admission = createAdmission({ requests: 2, bytes: 1000 });
    const place = admission.enter(1);
    admission.enter(1);
    assert.throws(() => admission.enter(1), appError('QUEUE_FULL', '2', 'queueRequests'));
    place.leave();
    admission.enter(1);
    assert.throws(() => admission.enter(1), appError('QUEUE_FULL'));
  });

  test('is refused over the bytes held together', () => {
    const admission = createAdmission({ requests: 100, bytes: 1000 });
    const place = admission.enter(600);
    assert.throws(() => admission.enter(401), appError('QUEUE_FULL', '600', 'queueBytes'));
    admission.enter(400);
    place.leave();
    admission.enter(600);
  });

  test('leaving twice makes room for one', () => {
    const admission = createAdmission({ requests: 1, bytes: 1000 });
    const place = admission.enter(1);
    place.leave();
    place.leave();
    admission.enter(1);
    assert.throws(() => admission.enter(1), appError('QUEUE_FULL'));
  });

  test('is never refused to a picture alone, so that it gets the answer about its own size', () => {
    createAdmission({ requests: 1, bytes: 10 }).enter(100);
  });

  test('a place grows with its picture while there is room, and is given back whole', () => {
    const admission = createAdmission({ requests: 100, bytes: 1000 });
    const place = admission.enter(0);
    const other = admission.enter(300);
    place.grow(700);
    place.grow(500);
    assert.throws(() => place.grow(701), appError('QUEUE_FULL', '1000', 'queueBytes'));
    assert.throws(() => admission.enter(1), appError('QUEUE_FULL'));
    other.leave();
    place.grow(5000);
    place.leave();
    place.grow(1);
    admission.enter(500);
    admission.enter(500);
  });
});
