/** What an archive may have in all: entries, bytes, and bytes for each byte that was sent. */
import { AppError } from '../../errors.js';
import type { ArchiveLimits } from './entry.js';
import { invalid } from './invalid.js';

export interface Budget {
  /** Entries, also those that are passed over. */
  readonly entries: (more: number) => void;
  /** One more that is not. */
  readonly picture: () => void;
  /** Bytes of the archive as it was sent. */
  readonly arrived: (bytes: number) => void;
  /** Bytes that came out of it. */
  readonly unpacked: (bytes: number) => void;
  /** Throws again what was thrown: whoever received that may have kept it. */
  readonly verify: () => void;
}

/** White pages and drawings without compression go to a hundredth, a bomb to a thousandth. */
const MOST_INFLATION = 100;
/** macOS puts a second file beside each, and there are folders. */
const ENTRIES_PER_PICTURE = 3;
const FREE_ENTRIES = 1000;
/** What a small archive may unpack to at any rate. */
const FREE_INFLATION = 100_000_000;

/** All throw AppError REQUEST_TOO_LARGE or ARCHIVE_INVALID. */
export function createBudget(limits: ArchiveLimits): Budget {
  const mostEntries = FREE_ENTRIES + ENTRIES_PER_PICTURE * limits.pictures;
  let entries = 0;
  let pictures = 0;
  let arrived = 0;
  let unpacked = 0;
  let exceeded: AppError | undefined;

  function verify(): void {
    if (exceeded) throw exceeded;
  }

  function require(within: boolean, otherwise: () => AppError): void {
    if (!within) exceeded ??= otherwise();
    verify();
  }

  return {
    entries: (more) => {
      entries += more;
      require(entries <= mostEntries, () => tooMany(`more than ${mostEntries} entries`, limits));
    },
    picture: () => {
      pictures += 1;
      require(pictures <= limits.pictures, () => tooMany('more', limits));
    },
    arrived: (bytes) => {
      arrived += bytes;
      require(arrived <= limits.bytes, () => tooMany('more', limits));
    },
    unpacked: (bytes) => {
      unpacked += bytes;
      require(unpacked <= limits.bytes, () => tooMany('more once it is unpacked', limits));
      require(unpacked <= FREE_INFLATION + MOST_INFLATION * arrived, () =>
        invalid(`it unpacks to more than ${MOST_INFLATION} times its size`));
    },
    verify,
  };
}

function tooMany(actual: string, { bytes, pictures }: ArchiveLimits): AppError {
  const remedy = 'Send fewer pictures at once, or raise the settings maxJobPictures or maxJobBytes';
  return new AppError('REQUEST_TOO_LARGE', { actual, limit: `${pictures} pictures and ${bytes} bytes`, remedy });
}
