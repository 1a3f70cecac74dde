/** What is to be sent and how far it is: kept while people look at other pages, which an upload outlasts. */
import { useSyncExternalStore } from 'react';
import type { Job } from '../../api/types.ts';
import { upload } from '../../api/upload.ts';
import type { Chosen } from '../../pictures/chosen-files.ts';
import { preferences } from '../../preferences/preferences.ts';
import { addTo, isEmpty, type Limits, NOTHING, type Part, partsOf, type Selection } from './selection.ts';

export interface SendingOptions {
  readonly thumbnails: boolean;
  /** Empty for the one that is active. */
  readonly model: string;
}

export interface Sending {
  /** Bytes, of all that is sent. */
  readonly sent: number;
  readonly total: number;
  /** Of `performance.now()`. */
  readonly startedAt: number;
}

export interface Outbox {
  readonly selection: Selection;
  readonly options: SendingOptions;
  /** Null while nothing is on its way. */
  readonly sending: Sending | null;
  /** Why the last attempt ended; null if it did not. */
  readonly error: unknown;
}

const EMPTY: Outbox = { selection: NOTHING, options: { thumbnails: true, model: '' }, sending: null, error: null };

const listeners = new Set<() => void>();
let current: Outbox = EMPTY;
let ending = new AbortController();
/** One for each request with its options: what is sent again is still one job. */
let keys = new Map<string, string>();
/** Jobs that were made of this selection, by the key of their request. */
let made = new Map<string, Job>();

export const useOutbox = (): Outbox => useSyncExternalStore(subscribe, () => current);

/** Whether they were added: not while something is sent. */
export function addFiles(files: readonly Chosen[]): boolean {
  if (current.sending) return false;
  change({ selection: addTo(current.selection, files), error: null });
  forgetKeys();
  return true;
}

export function clearFiles(): void {
  if (current.sending) return;
  change({ selection: NOTHING, error: null });
  forgetKeys();
}

export const setOptions = (options: Partial<SendingOptions>): void =>
  change({ options: { ...current.options, ...options } });

/** The jobs that were made, one after the other; undefined if it was canceled or failed, and the outbox says why. */
export async function send(limits?: Limits): Promise<readonly Job[] | undefined> {
  if (current.sending || isEmpty(current.selection)) return undefined;
  const parts = partsOf(current.selection, limits);
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  const startedAt = performance.now();
  ending = new AbortController();
  const { signal } = ending;
  change({ error: null, sending: { sent: 0, total, startedAt } });
  window.addEventListener('beforeunload', warn);
  let before = 0;
  const jobs: Job[] = [];
  try {
    for (const [position, part] of parts.entries()) {
      jobs.push(
        await sendPart(part, position, signal, (share) => {
          change({ sending: { sent: before + share * part.bytes, total, startedAt } });
        }),
      );
      before += part.bytes;
    }
    change({ ...EMPTY, options: current.options });
    forgetKeys();
    return jobs;
  } catch (error) {
    change({ sending: null, error: signal.aborted ? null : error });
    return undefined;
  } finally {
    window.removeEventListener('beforeunload', warn);
  }
}

/** Gives how many jobs were made of the selection before, which go on. */
export function cancelSending(): number {
  ending.abort();
  return made.size;
}

async function sendPart(
  part: Part,
  position: number,
  signal: AbortSignal,
  onShare: (share: number) => void,
): Promise<Job> {
  const { language, top, threshold } = preferences();
  const { thumbnails, model } = current.options;
  const query = { lang: language, top, threshold, model: model || undefined, thumbnails: thumbnails || undefined };
  const key = keyFor(`${position} ${JSON.stringify(query)}`);
  const known = made.get(key);
  if (known) return known;
  const job = await upload<Job>('api/v1/jobs', {
    query,
    headers: { ...part.headers, 'Idempotency-Key': key },
    body: part.body(),
    signal,
    // The form around the pictures counts too.
    onProgress: (sent, total) => onShare(total > 0 ? sent / total : 0),
  });
  made.set(key, job);
  return job;
}

/** `crypto.randomUUID` is not there on addresses that are not secure. */
function keyFor(request: string): string {
  const known = keys.get(request);
  if (known) return known;
  const random = crypto.getRandomValues(new Uint8Array(16));
  const key = [...random].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  keys.set(request, key);
  return key;
}

function forgetKeys(): void {
  keys = new Map();
  made = new Map();
}

const warn = (event: BeforeUnloadEvent) => event.preventDefault();

function change(changes: Partial<Outbox>): void {
  current = { ...current, ...changes };
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
