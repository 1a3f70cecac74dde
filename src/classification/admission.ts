/** The one bounded queue: how many pictures, and how many bytes of them, are accepted at once. */
import { AppError } from '../errors.js';

export interface Place {
  /**
   * The picture has turned out to have this many bytes; fewer than before change nothing.
   * @throws AppError QUEUE_FULL when there is no room for them; the place is kept as it was
   */
  readonly grow: (bytes: number) => void;
  /** Gives the place back, once. */
  readonly leave: () => void;
}

export interface Admission {
  /**
   * Takes a place for a picture of `bytes` bytes.
   * @throws AppError QUEUE_FULL at once, when there is none
   */
  readonly enter: (bytes: number) => Place;
}

export function createAdmission(limits: { readonly requests: number; readonly bytes: number }): Admission {
  const held = { requests: 0, bytes: 0 };

  function requireRoom(bytes: number, others: number): void {
    // A single picture is always accepted: its own limit is maxBytes.
    if (others === 0 || held.bytes + bytes <= limits.bytes) return;
    throw new AppError('QUEUE_FULL', { waiting: `${held.bytes} bytes of pictures`, limit: `${limits.bytes}` });
  }

  function enter(expected: number): Place {
    if (held.requests >= limits.requests) {
      throw new AppError('QUEUE_FULL', { waiting: `${held.requests} pictures`, limit: `${limits.requests}` });
    }
    requireRoom(expected, held.requests);
    held.requests += 1;
    held.bytes += expected;
    let own = expected;
    let inside = true;
    return {
      grow: (bytes) => {
        if (!inside || bytes <= own) return;
        requireRoom(bytes - own, held.requests - 1);
        held.bytes += bytes - own;
        own = bytes;
      },
      leave: () => {
        if (!inside) return;
        inside = false;
        held.requests -= 1;
        held.bytes -= own;
      },
    };
  }

  return { enter };
}
