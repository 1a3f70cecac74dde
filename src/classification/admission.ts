/** The one bounded queue: how many pictures, and how many bytes of them, are accepted at once. */
import { AppError } from '../errors.js';

export interface Admission {
  /**
   * Takes a place for a picture of `bytes` bytes; the returned function gives it back, once.
   * @throws AppError QUEUE_FULL at once, when there is no place
   */
  readonly enter: (bytes: number) => () => void;
}

export function createAdmission(limits: { readonly requests: number; readonly bytes: number }): Admission {
  const held = { requests: 0, bytes: 0 };

  function enter(bytes: number): () => void {
    if (held.requests >= limits.requests) {
      throw new AppError('QUEUE_FULL', { waiting: `${held.requests} pictures`, limit: `${limits.requests}` });
    }
    // A single picture is always accepted: its own limit is maxBytes.
    if (held.requests > 0 && held.bytes + bytes > limits.bytes) {
      throw new AppError('QUEUE_FULL', { waiting: `${held.bytes} bytes of pictures`, limit: `${limits.bytes}` });
    }
    held.requests += 1;
    held.bytes += bytes;
    let inside = true;
    return () => {
      if (!inside) return;
      inside = false;
      held.requests -= 1;
      held.bytes -= bytes;
    };
  }

  return { enter };
}
