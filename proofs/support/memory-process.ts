/** The process that `memory` watches: the library as its users have it, and files read as it goes. */
import { readFile } from 'node:fs/promises';
import { createClassifier, dedicateProcess } from 'kaiyan';
import { inLanes } from './lanes.js';

export interface MemoryReport {
  /** Pictures begun so far. */
  readonly pictures: number;
  /** Resident memory now. */
  readonly megabytes: number;
  /** The most there ever was, in MB. */
  readonly peak: number;
}

const PICTURES_PER_REPORT = 10;

const [count, ...files] = process.argv.slice(2);
dedicateProcess();
const classifier = await createClassifier({ workers: 2, precision: 'int8' });
await inLanes(classifier.concurrency, Number(count), async (index) => {
  await classifier.classify(await readFile(files[index % files.length] as string));
  if (index % PICTURES_PER_REPORT === 0) report(index);
});
report(Number(count));
await classifier.close();

function report(pictures: number): void {
  const peak = (process.resourceUsage().maxRSS * 1024) / 1e6;
  const now: MemoryReport = { pictures, megabytes: process.memoryUsage.rss() / 1e6, peak };
  process.stdout.write(`${JSON.stringify(now)}\n`);
}
