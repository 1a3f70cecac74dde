/** Damaged pictures of every format get an answer or a documented error, and leave nothing behind in memory. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Classifier, createClassifier } from '#kaiyan/classification/classifier.js';
import { dedicateProcess } from '#kaiyan/image/dedicate.js';
import { detectFormat, type ImageFormat } from '#kaiyan/image/format.js';
import { examples, project } from '../tests/support/paths.js';
import { withoutShared } from '../tests/support/requirements.js';
import { type Damage, damage } from './support/damage.js';
import { oddPictures, photographs } from './support/files.js';
import { formats } from './support/header-fields.js';
import { inLanes } from './support/lanes.js';
import { judgeGrowth, levelInMegabytes } from './support/memory-level.js';
import { prove, showProgress } from './support/proof.js';
import { createRandom } from './support/random.js';
import { closeInTime, createTally, judge, type Verdict } from './support/verdict.js';

const MOST_SEED_BYTES = 60_000;
const SEEDS_PER_FORMAT = 16;

interface Seed {
  readonly file: string;
  readonly format: ImageFormat;
  readonly bytes: Buffer;
}

await prove('fuzz', withoutShared(), async ({ short, seed }) => {
  dedicateProcess();
  const classifier = await createClassifier({ workers: 2, precision: 'int8' });
  const sane = await readFile(path.join(examples, 'chelsea.png'));
  const expected = await judge(classifier, sane);
  const seeds = await validSeeds(classifier);
  const ordinary = [...seeds.values()].flat();
  const bytesOfOrdinary = ordinary.map(({ bytes }) => bytes);
  const before = await levelInMegabytes(classifier, bytesOfOrdinary);

  const count = short ? 200 : 2000;
  const tally = createTally();
  const violations = formats.filter((format) => !seeds.has(format)).map((format) => `no valid ${format} picture`);
  let done = 0;
  await inLanes(classifier.concurrency, count, async (index) => {
    const random = createRandom(seed, index);
    const chosen = random.pick(seeds.get(formats[index % formats.length] as ImageFormat) ?? ordinary);
    const damaged = damage(chosen.format, chosen.bytes, random);
    const verdict = await judge(classifier, damaged.bytes);
    tally.add(verdict);
    if (verdict.kind === 'other') violations.push(await report(verdict.reason, chosen, damaged, `${seed}-${index}`));
    showProgress(++done, count);
  });

  const growth = judgeGrowth((await levelInMegabytes(classifier, bytesOfOrdinary)) - before);
  violations.push(...growth.violations);
  if (!sameAnswer(await judge(classifier, sane), expected)) violations.push('a sane picture has another answer now');
  violations.push(...(await closeInTime(classifier)));
  const slowest = `slowest ${tally.slowest().toFixed(1)} s`;
  return { figures: `${count} pictures, ${tally.words()}; ${slowest}; ${growth.words}`, violations };
});

/** For each format, some of the small pictures that get an answer. */
async function validSeeds(classifier: Classifier): Promise<Map<ImageFormat, Seed[]>> {
  const seeds = new Map<ImageFormat, Seed[]>();
  for (const file of [...oddPictures(), ...photographs()]) {
    const bytes = await readFile(file);
    if (bytes.length > MOST_SEED_BYTES || (await judge(classifier, bytes)).kind !== 'answered') continue;
    const format = detectFormat(bytes);
    seeds.set(format, [...(seeds.get(format) ?? []), { file, format, bytes }]);
  }
  return new Map([...seeds].map(([format, all]) => [format, spread(all, SEEDS_PER_FORMAT)]));
}

/** At most `count` items, evenly from all of them. */
function spread<Item>(items: readonly Item[], count: number): Item[] {
  const step = Math.max(1, items.length / count);
  return Array.from({ length: Math.min(count, items.length) }, (_, i) => items[Math.floor(i * step)] as Item);
}

/** Keeps the picture, so that its finder can be shown. */
async function report(reason: string, seed: Seed, { how, bytes }: Damage, name: string): Promise<string> {
  const folder = path.join(project, 'build/fuzz');
  const kept = path.join(folder, `${name}.${seed.format.toLowerCase()}`);
  await mkdir(folder, { recursive: true });
  await writeFile(kept, bytes);
  return `${path.relative(project, kept)} (${path.basename(seed.file)}, ${how}): ${reason}`;
}

function sameAnswer(verdict: Verdict, expected: Verdict): boolean {
  return verdict.kind === 'answered' && expected.kind === 'answered' && verdict.index === expected.index;
}
