/** The child process behind `startup.ts`: starts a classifier, answers one picture, then many, and says what it took. */
import { readFile } from 'node:fs/promises';
import { createClassifier } from '../classification/classifier.js';
import { dedicateProcess } from '../image/dedicate.js';
import { saturate } from './saturate.js';
import type { StartupProbeReply, StartupProbeReport, StartupProbeSetup } from './startup.js';

async function measure({ settings, files, loadMs }: StartupProbeSetup): Promise<StartupProbeReport> {
  const pictures = await Promise.all(files.map((file) => readFile(file)));
  const begun = performance.now();
  const classifier = await createClassifier(settings);
  const createMs = performance.now() - begun;
  await classifier.classify(pictures[0] as Uint8Array);
  const firstAnswerMs = performance.now() - begun;
  const residentAfterFirstAnswerBytes = process.memoryUsage.rss();
  let residentAtMostBytes = residentAfterFirstAnswerBytes;
  await saturate({
    items: pictures,
    inWork: classifier.concurrency,
    durationMs: loadMs,
    signal: new AbortController().signal,
    work: async (bytes) => {
      await classifier.classify(bytes);
      residentAtMostBytes = Math.max(residentAtMostBytes, process.memoryUsage.rss());
    },
  });
  const residentAfterLoadBytes = process.memoryUsage.rss();
  await classifier.close();
  return {
    createMs,
    firstAnswerMs,
    residentAfterFirstAnswerBytes,
    residentAtMostBytes: Math.max(residentAtMostBytes, residentAfterLoadBytes),
    residentAfterLoadBytes,
  };
}

dedicateProcess();
process.once('message', async (setup) => {
  const reply: StartupProbeReply = await measure(setup as StartupProbeSetup).then(
    (report) => ({ report }),
    (error: Error) => ({ problem: error.message }),
  );
  process.send?.(reply, undefined, undefined, () => process.disconnect());
});
