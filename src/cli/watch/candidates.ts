/** Files that may still be written: each is given once it stays as it is. */
import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';

/** A file is complete if size and time of change stay for so long; whoever copies writes more often. */
const SETTLED_MS = 1_000;
const PATIENCE_MS = 10_000;
/** That are written at once, or wait for their turn. */
const MOST_CANDIDATES = 10_000;

export interface Settled {
  readonly file: string;
  /** Another one once the content is another. */
  readonly version: string;
  /** As it was given. */
  readonly existing: boolean;
  /** It was left alone for long: no one is writing it any more. */
  readonly patient: boolean;
}

interface CandidateOptions {
  readonly existing?: boolean;
  /** Waits for long. */
  readonly patient?: boolean;
}

interface Candidate {
  readonly existing: boolean;
  patient: boolean;
  version: string | undefined;
  /** Since when it is unchanged. */
  since: number;
}

export interface Candidates {
  /** One that is there already stays as it is; one too many is left out, unless it is patient. */
  readonly add: (file: string, options?: CandidateOptions) => void;
  readonly has: (file: string) => boolean;
  readonly isFull: () => boolean;
  /** Takes away those that stay as they are, and those that are no files. */
  readonly settled: () => AsyncGenerator<Settled>;
}

/** `onNoFile` is called for a path that is something else than a file, or not there. */
export function createCandidates(onNoFile: (file: string) => Promise<void>): Candidates {
  const candidates = new Map<string, Candidate>();
  const isFull = () => candidates.size >= MOST_CANDIDATES;

  function add(file: string, { existing = false, patient = false }: CandidateOptions = {}): void {
    if (!candidates.has(file) && (patient || !isFull()))
      candidates.set(file, { version: undefined, since: 0, existing, patient });
  }

  async function* settled(): AsyncGenerator<Settled> {
    for (const [file, candidate] of candidates) {
      const version = await versionOf(file);
      if (version === undefined) {
        candidates.delete(file);
        await onNoFile(file);
      } else if (version !== candidate.version) {
        // What goes on being written needs no more patience.
        candidate.patient &&= candidate.version === undefined;
        candidate.version = version;
        candidate.since = performance.now();
      } else if (performance.now() - candidate.since >= (candidate.patient ? PATIENCE_MS : SETTLED_MS)) {
        candidates.delete(file);
        const { existing, patient } = candidate;
        yield { file, version, existing, patient };
      }
    }
  }

  return { add, has: (file) => candidates.has(file), isFull, settled };
}

export const versionIn = ({ size, mtimeMs, ino }: Stats): string => `${size}:${mtimeMs}:${ino}`;

/** Undefined for what is no file. */
export async function versionOf(file: string): Promise<string | undefined> {
  const status = await stat(file).catch(() => undefined);
  return status?.isFile() ? versionIn(status) : undefined;
}
