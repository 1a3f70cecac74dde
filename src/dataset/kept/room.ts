/** Room for pictures that the service keeps: what is kept, and what is arriving. */
import { AppError } from '../../errors.js';
import { diskFull, freeBytes } from '../../folders.js';

export interface Reservation {
  /** So many bytes more. @throws AppError DATASET_FULL */
  readonly grow: (bytes: number) => void;
  /** They are in the books by now, or gone. */
  readonly release: () => void;
}

export interface Room {
  /** For a request that says that so many bytes come. @throws AppError DATASET_FULL, DISK_FULL */
  readonly enter: (announced: number) => Promise<Reservation>;
}

export interface RoomOptions {
  readonly folder: string;
  readonly most: number;
  /** Bytes in the books. */
  readonly kept: () => Promise<number>;
}

export function createRoom({ folder, most, kept }: RoomOptions): Room {
  let arriving = 0;
  /** Of all that have come to their end: what is in the books of it, those of earlier requests do not know. */
  let arrived = 0;

  async function enter(announced: number): Promise<Reservation> {
    const arrivedBefore = arrived;
    const before = await kept();
    let own = 0;

    function requireRoom(bytes: number): void {
      const held = before + arriving + arrived - arrivedBefore;
      if (held + bytes <= most) return;
      const remedy = 'Delete pictures that are not needed, or raise the setting datasetBytes';
      throw new AppError('DATASET_FULL', { held: inWords(held), limit: inWords(most), remedy });
    }

    // What cannot be kept does not have to come.
    requireRoom(announced);
    const free = await freeBytes(folder);
    if (free < announced) throw diskFull(folder, announced, free);
    return {
      grow: (bytes) => {
        requireRoom(bytes);
        arriving += bytes;
        own += bytes;
      },
      release: () => {
        arriving -= own;
        arrived += own;
        own = 0;
      },
    };
  }

  return { enter };
}

const inWords = (bytes: number) =>
  bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toPrecision(3)} GB`;
