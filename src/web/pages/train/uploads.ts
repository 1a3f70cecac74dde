/** Sends pictures to data sets, several at once, while people go on; what is not sent yet outlasts the page. */
import { useSyncExternalStore } from 'react';
import { CallError } from '../../api/call.ts';
import type { AddedPictures, DatasetPicture } from '../../api/training-types.ts';
import { upload } from '../../api/upload.ts';
import { addressOfPictures } from './addresses.ts';
import { nextParcel } from './parcels.ts';
import { forgetPending, type KeptPending, keepPending, type Pending, pendingFromBefore } from './pending-store.ts';

export interface FailedUpload {
  readonly dataset: string;
  readonly label: string;
  readonly name: string;
  readonly code: string;
  readonly error: string;
}

export interface Uploads {
  /** Including what is under way. */
  readonly left: readonly Pick<Pending, 'dataset' | 'label'>[];
  /** Of all since nothing was left to do. */
  readonly total: number;
  /** Pictures that were in their data set already. */
  readonly repeated: number;
  readonly failed: readonly FailedUpload[];
  /** Why nothing is sent at the moment; null while it goes on. */
  readonly error: unknown;
}

/** The service decodes each of them; more at once would keep others waiting. */
const AT_ONCE = 3;
const NOTHING: Uploads = { left: [], total: 0, repeated: 0, failed: [], error: null };

const listeners = new Set<() => void>();
const arrivals = new Set<(dataset: string, pictures: readonly DatasetPicture[]) => void>();
let current = NOTHING;
/** On their way into the browser's store. */
let arriving: readonly (readonly Pending[])[] = [];
let waiting: readonly KeptPending[] = [];
let underWay: readonly (readonly KeptPending[])[] = [];
let resumed = false;

export const useUploads = (): Uploads => useSyncExternalStore(subscribe, () => current);

/** Tells of pictures as they have arrived. */
export function onArrived(listener: (dataset: string, pictures: readonly DatasetPicture[]) => void): () => void {
  arrivals.add(listener);
  return () => arrivals.delete(listener);
}

export async function addUploads(pending: readonly Pending[]): Promise<void> {
  // To be seen at once; where they are kept is known a moment later.
  const before = current.left.length === 0 ? 0 : current.total;
  arriving = [...arriving, pending];
  update({ error: null, total: before + pending.length });
  const kept = await keepPending(pending);
  arriving = arriving.filter((one) => one !== pending);
  enqueue(kept);
}

/** Goes on with what an earlier visit could not send. */
export async function resumeUploads(): Promise<void> {
  if (resumed) return;
  resumed = true;
  const kept = await pendingFromBefore();
  // What was added meanwhile is among them.
  const known = new Set([...waiting, ...underWay.flat()].map(({ key }) => key));
  const left = kept.filter(({ key }) => !known.has(key));
  change({ ...current, total: (current.left.length === 0 ? 0 : current.total) + left.length });
  enqueue(left);
}

/** After whatever was in the way has been seen to. */
export function retryUploads(): void {
  change({ ...current, error: null });
  sendNext();
}

/** What is under way arrives; the rest is forgotten. */
export function dropUploads(dataset: string): void {
  const dropped = waiting.filter((one) => one.dataset === dataset);
  waiting = waiting.filter((one) => one.dataset !== dataset);
  void forgetPending(dropped);
  update({ total: current.total - dropped.length, error: null });
  // What is for others has waited too.
  sendNext();
}

export const forgetFailed = (): void => change({ ...current, failed: [], repeated: 0 });

function enqueue(pending: readonly KeptPending[]): void {
  waiting = [...waiting, ...pending];
  update({});
  sendNext();
}

function sendNext(): void {
  while (underWay.length < AT_ONCE && current.error === null) {
    const parcel = nextParcel(waiting);
    if (parcel.length === 0) return;
    waiting = waiting.slice(parcel.length);
    underWay = [...underWay, parcel];
    void sendParcel(parcel);
  }
}

async function sendParcel(parcel: readonly KeptPending[]): Promise<void> {
  const [first] = parcel;
  if (!first) return;
  const { dataset, label } = first;
  try {
    const body = new FormData();
    for (const { file, name } of parcel) body.append('image', file, baseOf(name));
    const answer = await upload<AddedPictures>(addressOfPictures(dataset), { query: { label }, body, manages: true });
    const failed = answer.failed.map((one) => ({ dataset, label, ...one }));
    finish(parcel, { repeated: current.repeated + answer.repeated, failed: [...current.failed, ...failed] });
    const added = answer.added.map((id) => ({ id, label, name: '', bytes: 0 }));
    for (const listener of arrivals) listener(dataset, added);
  } catch (error) {
    const lost = lostBy(error, parcel);
    if (lost) finish(parcel, { failed: [...current.failed, ...lost] });
    else {
      // Nothing else would get through either: it waits for whoever looks.
      underWay = underWay.filter((one) => one !== parcel);
      waiting = [...parcel, ...waiting];
      update({ error });
    }
  }
  sendNext();
}

/** What of a parcel cannot be sent, where that is its own fault; undefined where the same may be sent again. */
function lostBy(error: unknown, parcel: readonly KeptPending[]): readonly FailedUpload[] | undefined {
  if (!(error instanceof CallError)) return undefined;
  const { problem } = error;
  if (problem.kind === 'unreadable') return parcel.map((one) => failureOf(one, 'FILE_UNREADABLE', ''));
  if (problem.kind !== 'refused' || !OWN_FAULTS.has(problem.status)) return undefined;
  return parcel.map((one) => failureOf(one, problem.code, problem.sentence));
}

/** Gone are the data set or the class; too large is the picture, or it is none. */
const OWN_FAULTS = new Set([400, 404, 413, 415, 422]);

const failureOf = ({ dataset, label, name }: Pending, code: string, error: string): FailedUpload => ({
  ...{ dataset, label, name: baseOf(name), code, error },
});

const baseOf = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

function finish(parcel: readonly KeptPending[], changes: Partial<Uploads>): void {
  underWay = underWay.filter((one) => one !== parcel);
  void forgetPending(parcel);
  update(changes);
}

function update(changes: Partial<Uploads>): void {
  const left = [...underWay.flat(), ...waiting, ...arriving.flat()].map(({ dataset, label }) => ({ dataset, label }));
  change({ ...current, ...changes, left });
}

function change(next: Uploads): void {
  current = next;
  // Only what the browser does not keep would be lost.
  const isAtRisk = arriving.length > 0 || [...waiting, ...underWay.flat()].some(({ key }) => key === undefined);
  if (isAtRisk) window.addEventListener('beforeunload', warn);
  else window.removeEventListener('beforeunload', warn);
  for (const listener of listeners) listener();
}

const warn = (event: BeforeUnloadEvent) => event.preventDefault();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
