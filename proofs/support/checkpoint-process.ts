/** The process that `checkpoints` watches: mutated checkpoints are read one after the other, from one index to another. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError, type ErrorCode } from '#kaiyan/errors.js';
import { readCheckpoint } from '#kaiyan/models/checkpoints/checkpoint.js';
import { defaultLimits } from '#kaiyan/models/checkpoints/limits.js';
import { refusalsFor } from '#kaiyan/models/checkpoints/refusals.js';
import { openArchive } from '#kaiyan/models/checkpoints/zip.js';
import { checkpointFixture, expectedCheckpoints } from '../../tests/support/checkpoints.js';
import type { ZipEntry } from '../../tests/support/zip.js';
import { type CheckpointSeed, mutateCheckpoint } from './checkpoint-mutation.js';
import { createRandom } from './random.js';

/** What came of one file, with its index; or that of none, how much memory all took. */
export interface CheckpointReport {
  readonly index: number;
  readonly outcome: 'read' | ErrorCode | 'other';
  /** For what is neither read nor refused. */
  readonly reason?: string;
  readonly seconds: number;
  /** By how much the most memory there ever was exceeds that before the first file, in MB. */
  readonly grownMegabytes: number;
}

const [from, to, seed, file] = process.argv.slice(2) as [string, string, string, string];
const seeds = await readSeeds();
const readable = await expectedCheckpoints();
// What is wrong with the others hides what is changed in them.
const sound = seeds.filter(({ name }) => readable.has(name));
const peak = () => (process.resourceUsage().maxRSS * 1024) / 1e6;
const before = peak();
for (let index = Number(from); index < Number(to); index++) {
  const random = createRandom(Number(seed), index);
  const { how, bytes } = mutateCheckpoint(random.pick(random.chance(0.85) ? sound : seeds), random, seeds);
  await writeFile(file, bytes);
  process.send?.(await read(index, how));
}
process.disconnect();

async function read(index: number, how: string): Promise<CheckpointReport> {
  const begun = performance.now();
  const report = (outcome: CheckpointReport['outcome']) => {
    return { index, outcome, seconds: (performance.now() - begun) / 1000, grownMegabytes: peak() - before };
  };
  try {
    const { tensors } = await readCheckpoint(file);
    for (const tensor of tensors.values()) tensor.float32();
    return report('read');
  } catch (error) {
    if (error instanceof AppError && error.code.startsWith('CHECKPOINT_')) return report(error.code);
    return { ...report('other'), reason: `${how}: ${(error as Error).stack ?? String(error)}` };
  }
}

/** Every fixture, sound and not. */
async function readSeeds(): Promise<CheckpointSeed[]> {
  const names = (await Promise.all(['golden', 'own'].map(namesIn))).flat();
  return Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(checkpointFixture(name));
      return { name, bytes, entries: await entriesOf(bytes) };
    }),
  );
}

async function namesIn(group: string): Promise<string[]> {
  const names = await readdir(checkpointFixture(group));
  return names.filter((name) => !name.endsWith('.json')).map((name) => path.posix.join(group, name));
}

async function entriesOf(bytes: Buffer): Promise<ZipEntry[]> {
  try {
    const archive = await openArchive(bytes, { limits: defaultLimits, refuse: refusalsFor('a fixture') });
    return await Promise.all(
      archive.names.map(async (name) => ({ name, bytes: (await archive.read(name)) ?? Buffer.alloc(0) })),
    );
  } catch {
    // Another format, or a zip file that is broken already.
    return [];
  }
}
