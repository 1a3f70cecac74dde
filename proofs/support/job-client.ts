/** A client of the jobs of a service, and pictures for them. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { uploads } from './service-process.js';

export interface JobView {
  readonly id: string;
  readonly state: string;
  readonly counts: Readonly<Record<'total' | 'waiting' | 'answered' | 'failed' | 'canceled', number>>;
}

export interface ItemView {
  readonly item: number;
  readonly name: string;
  readonly state: string;
  readonly sequence: number;
  readonly result?: { readonly answer: unknown; readonly predictions: readonly { readonly label: string }[] };
  readonly code?: string;
}

export interface JobPicture {
  readonly name: string;
  readonly bytes: Buffer;
}

/**
 * So many pictures, each with a content of its own: real photographs, with a few bytes after their end that no decoder
 * looks at. One in `copies` is a copy of the one before; 0 for none.
 */
export function jobPictures(count: number, copies = 0, most = 40): JobPicture[] {
  const files = uploads().slice(0, most);
  const contents = files.map((file) => readFileSync(file));
  const pictures: JobPicture[] = [];
  for (let i = 0; i < count; i++) {
    const previous = pictures.at(-1);
    const isCopy = copies > 0 && i % copies === copies - 1 && previous;
    const content = contents[i % contents.length] as Buffer;
    const bytes = isCopy ? previous.bytes : Buffer.concat([content, Buffer.from(`\0${i}`)]);
    pictures.push({ name: `${i}.jpg`, bytes });
  }
  return pictures;
}

export async function submitJob(address: string, pictures: readonly JobPicture[], query = ''): Promise<JobView> {
  const form = new FormData();
  for (const { name, bytes } of pictures) form.append('image', new Blob([Uint8Array.from(bytes)]), name);
  const response = await fetch(`${address}/api/v1/jobs${query}`, { method: 'POST', body: form });
  if (response.status !== 202) throw new Error(`the job was refused: ${response.status} ${await response.text()}`);
  return (await response.json()) as JobView;
}

export async function jobOf(address: string, id: string): Promise<JobView> {
  const response = await fetch(`${address}/api/v1/jobs/${id}`);
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as JobView;
}

export async function itemsOf(address: string, id: string): Promise<ItemView[]> {
  const response = await fetch(`${address}/api/v1/jobs/${id}/results.jsonl`);
  const lines = (await response.text()).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as ItemView);
}

export const hasEnded = ({ state }: JobView): boolean => ['completed', 'failed', 'canceled'].includes(state);

export async function untilJobEnds(address: string, id: string, seconds = 600): Promise<JobView> {
  for (const end = performance.now() + seconds * 1000; performance.now() < end; await sleep(200)) {
    const job = await jobOf(address, id);
    if (hasEnded(job)) return job;
  }
  throw new Error(`the job had not ended after ${seconds} s`);
}

/** Whether each picture has exactly one outcome, each with a number of its own; what is wrong, in words. */
export function checkItems(items: readonly ItemView[], total: number): string[] {
  const positions = new Set(items.map(({ item }) => item));
  const sequences = new Set(items.map(({ sequence }) => sequence));
  const open = items.filter(({ state }) => state !== 'answered' && state !== 'failed');
  return [
    ...(items.length === total && positions.size === total ? [] : [`${items.length} results of ${total} pictures`]),
    ...(sequences.size === total && Math.max(...sequences) === total ? [] : ['outcomes were recorded twice, or not']),
    ...open.map(({ name, state }) => `${name} is ${state}`),
  ];
}
