/** Every odd, hostile and broken file gets an answer or a documented error, soon, and leaves nothing in memory. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createClassifier } from '#kaiyan/classification/classifier.js';
import { dedicateProcess } from '#kaiyan/image/dedicate.js';
import { examples, project } from '../tests/support/paths.js';
import { withoutShared } from '../tests/support/requirements.js';
import { oddPictures } from './support/files.js';
import { judgeGrowth, levelInMegabytes } from './support/memory-level.js';
import { prove, showProgress } from './support/proof.js';
import { closeInTime, createTally, judge, MOST_SECONDS } from './support/verdict.js';

await prove('robustness', withoutShared(), async () => {
  dedicateProcess();
  const classifier = await createClassifier({ workers: 2, precision: 'int8' });
  const files = oddPictures();
  const ordinary = await Promise.all(
    ['alps.jpg', 'chelsea.png', 'coffee.png'].map((name) => readFile(path.join(examples, name))),
  );
  const before = await levelInMegabytes(classifier, ordinary);
  const tally = createTally();
  const violations: string[] = [];
  for (const [done, file] of files.entries()) {
    const verdict = await judge(classifier, await readFile(file));
    tally.add(verdict);
    if (verdict.kind === 'other') violations.push(`${path.relative(project, file)}: ${verdict.reason}`);
    showProgress(done + 1, files.length);
  }
  const growth = judgeGrowth((await levelInMegabytes(classifier, ordinary)) - before);
  violations.push(...growth.violations, ...(await closeInTime(classifier)));
  const slowest = `slowest ${tally.slowest().toFixed(1)} s (bound ${MOST_SECONDS} s)`;
  return { figures: `${files.length} files, ${tally.words()}; ${slowest}; ${growth.words}`, violations };
});
