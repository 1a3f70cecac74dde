/** Vectors of pictures on disk, so that a picture goes through a network once: files to which records are appended. */
import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, open, readdir, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../../folders.js';

export interface CachedVector {
  /** Of the bytes of the picture's file, in hexadecimal digits. */
  readonly sha256: string;
  /** 0 is the picture itself; others depend on the seed. */
  readonly view: number;
  readonly seed: number;
  readonly fingerprint: Uint8Array;
  readonly vector: Float32Array;
}

export interface EmbeddingCache {
  /** Calls `take` with each vector that is kept. */
  readonly readAll: (take: (cached: CachedVector) => void) => Promise<void>;
  readonly add: (cached: CachedVector) => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface CacheOptions {
  /** `KAIYAN_HOME/cache/embeddings`. */
  readonly folder: string;
  /** What the vectors depend on beside the picture: letters and digits. */
  readonly key: string;
  readonly dimensions: number;
  /** Bytes that all vectors of all networks may take. */
  readonly limit?: number;
}

/** All vectors of 50,000 pictures in five views take a good gigabyte. */
const LIMIT = 4 * 1024 ** 3;
const CHECK = 16;
const SHA256 = 32;
const FINGERPRINT = 32;
const HEAD = CHECK + SHA256 + FINGERPRINT + 16;
/** Records that are read at once, and that are written at once. */
const READ_BYTES = 1 << 20;
const WRITTEN = 16;

/**
 * Each process writes a file of its own, of records of one size, each with a check: two at once do not meet, and what a process
 * that was killed wrote half does not count. A disk that cannot be read or written costs time, never the training.
 */
export function createEmbeddingCache({ folder, key, dimensions, limit = LIMIT }: CacheOptions): EmbeddingCache {
  const place = path.join(folder, key);
  const size = HEAD + dimensions * 4;
  let waiting: Buffer[] = [];
  let own: { readonly file: string; readonly handle: FileHandle; written: number } | undefined;
  let broken = false;

  async function readAll(take: (cached: CachedVector) => void): Promise<void> {
    for (const name of await readdir(place).catch(() => [])) {
      const file = path.join(place, name);
      await readFile(file, take).catch(() => undefined);
      // What was used last is the last to go.
      await utimes(file, new Date(), new Date()).catch(() => undefined);
    }
  }

  async function readFile(file: string, take: (cached: CachedVector) => void): Promise<void> {
    const handle = await open(file);
    try {
      const buffer = Buffer.alloc(Math.max(1, Math.floor(READ_BYTES / size)) * size);
      for (let at = 0; ; ) {
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
        const records = Math.floor(bytesRead / size);
        for (let i = 0; i < records; i++) {
          const cached = parse(buffer.subarray(i * size, (i + 1) * size), dimensions);
          if (cached) take(cached);
        }
        if (records === 0) return;
        at += records * size;
      }
    } finally {
      await handle.close();
    }
  }

  async function add(cached: CachedVector): Promise<void> {
    waiting.push(serialize(cached, size));
    if (waiting.length >= WRITTEN) await write();
  }

  async function write(): Promise<void> {
    const bytes = Buffer.concat(waiting);
    waiting = [];
    if (broken || bytes.length === 0) return;
    try {
      own ??= await begin();
      // A training that needs more than half would only push out itself.
      if (own.written + bytes.length > limit / 2) return;
      await own.handle.appendFile(bytes);
      own.written += bytes.length;
    } catch {
      broken = true;
    }
  }

  async function begin() {
    await makeFolder(place);
    const file = path.join(place, `${randomUUID()}.bin`);
    return { file, handle: await open(file, 'ax'), written: 0 };
  }

  async function close(): Promise<void> {
    await write();
    await own?.handle.close().catch(() => undefined);
    if (own) await trim(folder, limit, own.file);
  }

  return { readAll, add, close };
}

/** Deletes what was used longest ago, until the others are within the limit; what was written just now stays. */
async function trim(folder: string, limit: number, kept: string): Promise<void> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const files = await Promise.all(
    names.map(async (name) => {
      const file = path.join(folder, name);
      const status = await stat(file).catch(() => undefined);
      return status?.isFile() ? [{ file, bytes: status.size, usedAt: status.mtimeMs }] : [];
    }),
  );
  const oldestFirst = files.flat().sort((a, b) => a.usedAt - b.usedAt);
  let bytes = oldestFirst.reduce((sum, one) => sum + one.bytes, 0);
  for (const one of oldestFirst) {
    if (bytes <= limit) return;
    if (one.file === kept) continue;
    await rm(one.file, { force: true }).catch(() => undefined);
    bytes -= one.bytes;
  }
}

/** A check of all that follows, the picture's hash, its fingerprint, seed and view, and the vector. */
function serialize({ sha256, view, seed, fingerprint, vector }: CachedVector, size: number): Buffer {
  const record = Buffer.alloc(size);
  record.write(sha256, CHECK, 'hex');
  record.set(fingerprint, CHECK + SHA256);
  record.writeDoubleLE(seed, CHECK + SHA256 + FINGERPRINT);
  record.writeUInt32LE(view, CHECK + SHA256 + FINGERPRINT + 8);
  record.set(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength), HEAD);
  record.set(checkOf(record));
  return record;
}

/** Undefined for one that is damaged. */
function parse(record: Buffer, dimensions: number): CachedVector | undefined {
  if (!checkOf(record).equals(record.subarray(0, CHECK))) return undefined;
  const vector = new Float32Array(dimensions);
  new Uint8Array(vector.buffer).set(record.subarray(HEAD));
  return {
    sha256: record.toString('hex', CHECK, CHECK + SHA256),
    fingerprint: Uint8Array.from(record.subarray(CHECK + SHA256, CHECK + SHA256 + FINGERPRINT)),
    seed: record.readDoubleLE(CHECK + SHA256 + FINGERPRINT),
    view: record.readUInt32LE(CHECK + SHA256 + FINGERPRINT + 8),
    vector,
  };
}

const checkOf = (record: Buffer): Buffer =>
  createHash('sha256').update(record.subarray(CHECK)).digest().subarray(0, CHECK);
