/** How much memory a process holds once everything that had to end has ended. */
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Classifier } from '#kaiyan/classification/classifier.js';
import { inLanes } from './lanes.js';
import { judge } from './verdict.js';

/** By which the level may differ after hostile pictures. */
const MOST_GROWTH_MB = 30;

const ORDINARY_PICTURES = 400;
/** Decoders of BMP and HEIC end once they were idle for 10 s. */
const SETTLE_MS = 12_000;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Resident memory after ordinary pictures, in MB: the lowest of some readings. */
export async function levelInMegabytes(classifier: Classifier, ordinary: readonly Uint8Array[]): Promise<number> {
  await inLanes(classifier.concurrency, ORDINARY_PICTURES, async (index) => {
    await judge(classifier, ordinary[index % ordinary.length] as Uint8Array);
  });
  await sleep(SETTLE_MS);
  const readings: number[] = [];
  for (let i = 0; i < 5; i++) {
    collectGarbage();
    await sleep(200);
    readings.push(process.memoryUsage.rss() / 1e6);
  }
  return Math.min(...readings);
}

/** The growth in words, and the violation if it is too much. */
export function judgeGrowth(growth: number): { readonly words: string; readonly violations: readonly string[] } {
  const signed = `${growth < 0 ? '' : '+'}${growth.toFixed(1)} MB`;
  const violations = growth > MOST_GROWTH_MB ? [`memory grew by ${growth.toFixed(1)} MB`] : [];
  return { words: `memory ${signed} (bound ${MOST_GROWTH_MB} MB)`, violations };
}
