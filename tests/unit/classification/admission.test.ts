import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Admission, type AdmissionLimits, createAdmission, type Place } from '#kaiyan/classification/admission.js';
import { appError } from '../../support/errors.js';

const admissionFor = (limits: Partial<AdmissionLimits>) =>
  createAdmission({ requests: 100, bytes: 1000, busyFrom: 6, ...limits });

function arrived(admission: Admission, bytes = 1): Place {
  const place = admission.enter();
  place.grow(bytes);
  place.arrive();
  return place;
}

describe('admission', () => {
  test('is refused at once over the number of pictures, and free again when one leaves', () => {
    const admission = admissionFor({ requests: 2 });
    const place = arrived(admission);
    arrived(admission);
    assert.throws(() => admission.enter(), appError('QUEUE_FULL', '2', 'queueRequests'));
    place.leave();
    arrived(admission);
    assert.throws(() => admission.enter(), appError('QUEUE_FULL'));
  });

  test('is refused over the bytes held together', () => {
    const admission = admissionFor({});
    const place = arrived(admission, 600);
    const other = admission.enter();
    assert.throws(() => other.grow(401), appError('QUEUE_FULL', '600', 'queueBytes'));
    other.grow(400);
    assert.throws(() => admission.enter(), appError('QUEUE_FULL', '1000'));
    place.leave();
    other.grow(1000);
  });

  test('keeps no place for pictures that are still arriving, however many', () => {
    const admission = admissionFor({ requests: 2 });
    const arriving = Array.from({ length: 50 }, () => admission.enter());
    for (const place of arriving) place.grow(1);
    arrived(admission);
    arriving[0]?.arrive();
    assert.throws(() => arriving[1]?.arrive(), appError('QUEUE_FULL'));
    assert.deepEqual([admission.load().pictures, admission.load().bytes], [2, 51]);
  });

  test('arriving or leaving twice is like once', () => {
    const admission = admissionFor({ requests: 2 });
    const place = arrived(admission);
    place.arrive();
    arrived(admission);
    place.leave();
    place.leave();
    place.grow(500);
    place.arrive();
    arrived(admission);
    assert.throws(() => admission.enter(), appError('QUEUE_FULL'));
    assert.equal(admission.load().bytes, 2);
  });

  test('is never refused to a picture alone, so that it gets the answer about its own size', () => {
    arrived(admissionFor({ requests: 1, bytes: 10 }), 100);
  });

  test('a place grows with its picture while there is room, and is given back whole', () => {
    const admission = admissionFor({});
    const place = admission.enter();
    const other = arrived(admission, 300);
    place.grow(700);
    place.grow(500);
    assert.throws(() => place.grow(701), appError('QUEUE_FULL', '1000', 'queueBytes'));
    other.leave();
    place.grow(5000);
    place.leave();
    assert.equal(admission.load().bytes, 0);
  });
});

describe('a queue without a fixed number', () => {
  /** Answers `count` pictures, one every `intervalMs`, while ten more wait. */
  function answer(admission: Admission, count: number, intervalMs: number, clock: { ms: number }): void {
    const inHand = Array.from({ length: 11 }, () => arrived(admission));
    for (let i = 0; i < count; i++) {
      clock.ms += intervalMs;
      const place = inHand.shift();
      place?.answered();
      place?.leave();
      inHand.push(arrived(admission));
    }
    for (const place of inHand) place.leave();
  }

  const automatic = (clock: { ms: number }) => admissionFor({ requests: 0, now: () => clock.ms });

  test('takes 64 before it knows how fast the machine is', () => {
    assert.equal(automatic({ ms: 0 }).load().mostPictures, 64);
  });

  test('takes what is answered in 1.3 s, and says how long the work in hand takes', () => {
    const clock = { ms: 0 };
    const admission = automatic(clock);
    answer(admission, 200, 4, clock);
    assert.equal(admission.load().mostPictures, 325);
    for (let i = 0; i < 325; i++) arrived(admission);
    assert.throws(() => admission.enter(), appError('QUEUE_FULL', '325 pictures', 'in 2 s'));
  });

  test('takes 64 on a slow machine too', () => {
    const clock = { ms: 0 };
    const admission = automatic(clock);
    answer(admission, 200, 100, clock);
    assert.equal(admission.load().mostPictures, 64);
  });

  test('learns nothing from times in which the machine had nothing to do', () => {
    const clock = { ms: 0 };
    const admission = automatic(clock);
    answer(admission, 200, 4, clock);
    for (let i = 0; i < 100; i++) {
      clock.ms += 1000;
      const place = arrived(admission);
      place.answered();
      place.leave();
    }
    assert.equal(admission.load().mostPictures, 325);
  });
});
