/** The one bounded queue: how many pictures are in hand at once, and how many bytes of them, arriving ones too. */
import { AppError } from '../errors.js';
import { createPace } from './pace.js';

/**
 * A picture's place. While it arrives it counts with the bytes that have come, and no more: however many senders are
 * slow, they keep nobody waiting. Once it is there it is one of the pictures in hand.
 */
export interface Place {
  /**
   * So many bytes of the picture have come by now; fewer than before change nothing.
   * @throws AppError QUEUE_FULL when there is no room for them; the place is kept as it was
   */
  readonly grow: (bytes: number) => void;
  /**
   * The picture is there, and from now on in hand; a second call changes nothing.
   * @throws AppError QUEUE_FULL when too many are
   */
  readonly arrive: () => void;
  /** The picture was answered: the queue learns from it how fast this machine is. */
  readonly answered: () => void;
  /** Gives the place back, once. */
  readonly leave: () => void;
}

export interface Load {
  /** Pictures in hand: in work, or waiting for it. */
  readonly pictures: number;
  /** Bytes of those and of the arriving ones. */
  readonly bytes: number;
  /** Pictures in hand at most, as things are. */
  readonly mostPictures: number;
  readonly mostBytes: number;
}

export interface Admission {
  /**
   * A place for a picture that is about to arrive.
   * @throws AppError QUEUE_FULL at once, when it would be refused on its arrival
   */
  readonly enter: () => Place;
  readonly load: () => Load;
}

export interface AdmissionLimits {
  /** Pictures in hand; 0 takes what is answered in 1.3 s, at least 64. */
  readonly requests: number;
  readonly bytes: number;
  /** So many in hand keep the machine busy. */
  readonly busyFrom: number;
  readonly now?: () => number;
}

/** Those who wait longer would rather be refused, and served by another. */
const WAIT_MS = 1_300;
const LEAST_REQUESTS = 64;

export function createAdmission(limits: AdmissionLimits): Admission {
  const held = { pictures: 0, bytes: 0, places: 0 };
  const pace = createPace(limits.now);

  function mostPictures(): number {
    if (limits.requests > 0) return limits.requests;
    return Math.max(LEAST_REQUESTS, Math.floor(WAIT_MS / (pace.intervalMs() ?? WAIT_MS)));
  }

  /** Until what is in hand now is answered. */
  const seconds = () => Math.max(1, Math.ceil((held.pictures * (pace.intervalMs() ?? 0)) / 1000));

  function requireRoomInHand(): void {
    const most = mostPictures();
    if (held.pictures < most) return;
    throw new AppError('QUEUE_FULL', { held: `${held.pictures} pictures`, limit: `${most}`, seconds: seconds() });
  }

  function requireRoomFor(bytes: number, others: number): void {
    // A single picture is always accepted: its own limit is maxBytes.
    if (others === 0 || held.bytes + bytes <= limits.bytes) return;
    const full = { held: `${held.bytes} bytes of pictures`, limit: `${limits.bytes}`, seconds: seconds() };
    throw new AppError('QUEUE_FULL', full);
  }

  function enter(): Place {
    requireRoomInHand();
    requireRoomFor(1, held.places);
    held.places += 1;
    let own = 0;
    let state: 'arriving' | 'in hand' | 'gone' = 'arriving';
    return {
      grow: (bytes) => {
        if (state === 'gone' || bytes <= own) return;
        requireRoomFor(bytes - own, held.places - 1);
        held.bytes += bytes - own;
        own = bytes;
      },
      arrive: () => {
        if (state !== 'arriving') return;
        requireRoomInHand();
        state = 'in hand';
        held.pictures += 1;
      },
      answered: () => {
        if (state === 'in hand') pace.answered();
      },
      leave: () => {
        if (state === 'gone') return;
        if (state === 'in hand') held.pictures -= 1;
        state = 'gone';
        held.places -= 1;
        held.bytes -= own;
        if (held.pictures < limits.busyFrom) pace.pause();
      },
    };
  }

  const load = () => ({
    pictures: held.pictures,
    bytes: held.bytes,
    mostPictures: mostPictures(),
    mostBytes: limits.bytes,
  });
  return { enter, load };
}
