/** Brings a file from an address to the disk: what was there already is gone on with, and what breaks off is tried again. */
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../errors.js';
import { diskFull, freeBytes } from '../../folders.js';
import { ANOTHER_SOURCE, type Answer, type Connection, Interruption, inWords } from './connection.js';
import { partOf, readPart, removePart, writeNote } from './part.js';

export interface Transfer {
  readonly url: URL;
  /** What it will be called when all of it is there and verified; until then it is the part of that. */
  readonly target: string;
  /** About its size; a server that has much more to send has another file. */
  readonly expectedBytes: number;
  readonly patience: Patience;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TransferProgress) => void;
  readonly onNotice: (notice: string) => void;
}

export interface TransferProgress {
  /** Bytes. */
  readonly done: number;
  /** About. */
  readonly total: number;
}

export interface Patience {
  /** For how long nothing may come. */
  readonly stallMs: number;
  /** Attempts in a row that bring nothing new. */
  readonly attempts: number;
  /** After the first of them; it doubles with each. */
  readonly pauseMs: number;
}

/** @throws AppError DOWNLOAD_FAILED, DOWNLOAD_REFUSED, DISK_FULL; what the file system or the signal says */
export async function transferFile(transfer: Transfer, connect: () => Connection): Promise<void> {
  const { url, target, patience, signal, onNotice } = transfer;
  const before = await bytesOf(target, url);
  let most = before;
  let failures = 0;
  for (;;) {
    try {
      return await attempt(transfer, connect);
    } catch (thrown) {
      if (!(thrown instanceof Interruption)) throw thrown;
      const there = await bytesOf(target, url);
      failures = there > most ? 1 : failures + 1;
      most = Math.max(most, there);
      const offline = thrown.unreachable && most === before;
      if (offline || failures >= patience.attempts) throw givenUp(url, thrown, there);
      const pause = patience.pauseMs * 2 ** (failures - 1);
      onNotice(`${url.href}: ${thrown.message}; trying again in ${pause / 1000} s.`);
      await sleep(pause, undefined, { signal });
    }
  }
}

const bytesOf = async (target: string, { href }: URL): Promise<number> => (await readPart(target, href)).bytes;

function givenUp({ href }: URL, { message, unreachable }: Interruption, there: number): AppError {
  const again = `Run the same command again: it goes on after the ${megabytes(there)} that are there`;
  const remedy = unreachable ? OFFLINE : there > 0 ? again : ANOTHER_SOURCE;
  return new AppError('DOWNLOAD_FAILED', { url: href, reason: message, remedy });
}

const OFFLINE =
  "Look at the network, and at HTTPS_PROXY if there is a proxy; or fetch that file on another machine and give it with --from FILE, or put it into PyTorch's cache";

async function attempt(transfer: Transfer, connect: () => Connection): Promise<void> {
  const { url, target } = transfer;
  const { bytes, etag } = await readPart(target, url.href);
  // A weak tag does not promise the same bytes; then the hash alone has to show it.
  const condition: Record<string, string> = etag === null || etag.startsWith('W/') ? {} : { 'if-range': etag };
  const connection = connect();
  try {
    const answer = await connection.get(url, bytes > 0 ? { range: `bytes=${bytes}-`, ...condition } : {});
    const content = await contentOf(answer, transfer, bytes);
    if (content) await receive(answer, content, transfer);
  } finally {
    await connection.close();
  }
}

interface Content {
  /** Where in the file it begins. */
  readonly start: number;
  /** The size of the whole file, if the server says so. */
  readonly total: number | undefined;
}

/** What the answer has of the file; undefined if all is there already. */
async function contentOf({ status, headers }: Answer, transfer: Transfer, there: number): Promise<Content | undefined> {
  const { url, target } = transfer;
  const failed = (reason: string) =>
    new AppError('DOWNLOAD_FAILED', { url: url.href, reason, remedy: 'Look whether the address is right' });
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw failed(`the server sent it encoded (${encoding}), which was not asked for`);
  const range = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(`${headers['content-range']}`);
  if (status === 200) return { start: 0, total: numberOf(headers['content-length']) };
  if (status === 206 && numberOf(range?.[1]) === there) return { start: there, total: numberOf(range?.[2]) };
  if (status === 416 && numberOf(range?.[2]) === there) return undefined;
  if (status === 206 || status === 416) {
    await removePart(target);
    throw new Interruption('the server has another file than before');
  }
  if (status >= 500 || status === 408 || status === 429)
    throw new Interruption(`the server answered ${inWords(status)}`);
  throw failed(`the server answered ${inWords(status)}`);
}

const numberOf = (text: unknown): number | undefined => (/^\d+$/.test(`${text}`) ? Number(text) : undefined);

async function receive({ headers, chunks }: Answer, { start, total }: Content, transfer: Transfer): Promise<void> {
  const { url, target, expectedBytes, onProgress } = transfer;
  requirePlausible(total ?? 0, transfer);
  await requireRoom(path.dirname(target), (total ?? expectedBytes) - start);
  const file = await open(partOf(target), start > 0 ? 'r+' : 'w');
  try {
    const etag = typeof headers.etag === 'string' ? headers.etag : null;
    if (start === 0) await writeNote(target, { url: url.href, etag });
    let done = start;
    for await (const chunk of chunks()) {
      await writeAt(file, chunk, done);
      done += chunk.length;
      requirePlausible(done, transfer);
      onProgress({ done, total: total ?? expectedBytes });
    }
    if (done < (total ?? done))
      throw new Interruption(`the connection ended after ${megabytes(done)} of ${megabytes(total ?? done)}`);
  } finally {
    await file.close();
  }
}

async function writeAt(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < chunk.length; )
    at += (await file.write(chunk, at, chunk.length - at, position + at)).bytesWritten;
}

/** No server can fill the disk. */
function requirePlausible(bytes: number, { url, expectedBytes }: Transfer): void {
  if (bytes <= expectedBytes * 1.05 + 65_536) return;
  const reason = `the server has at least ${megabytes(bytes)} to send, where about ${megabytes(expectedBytes)} are right`;
  throw new AppError('DOWNLOAD_FAILED', { url: url.href, reason, remedy: 'Look whether the address is right' });
}

async function requireRoom(folder: string, needed: number): Promise<void> {
  const free = await freeBytes(folder);
  if (free < needed) throw diskFull(folder, needed, free);
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
