/** What all the models of a process share: the queue that pictures wait in, and the decoder. */
import type { Settings } from '../config.js';
import { createDecoder, type Decoder } from '../image/decode.js';
import { decodeOptions } from '../image/decode-options.js';
import { type Admission, createAdmission } from './admission.js';
import { chooseCrew, worthwhile } from './crew.js';

export interface Intake {
  readonly admission: Admission;
  readonly decoder: Decoder;
}

export function createIntake(settings: Settings): Intake {
  const crew = chooseCrew(settings);
  // One waits, so that no decoder waits for the main thread.
  const slots = crew.workers + 1;
  return {
    admission: createAdmission({
      requests: settings.queueRequests,
      bytes: settings.queueBytes,
      busyFrom: worthwhile(crew),
    }),
    decoder: createDecoder(decodeOptions(settings, slots, slots + crew.workers * 2)),
  };
}
