/** End to end, with all cores busy, a picture takes little more than its parts divided by the cores. */
import { kaiyan } from '../tests/support/run-command.js';
import { prove } from './support/proof.js';

const MOST = 1.15;

interface Benchmark {
  readonly otherProgramsShare: number;
  readonly allCoresBusy: Readonly<Record<string, number>>;
}

await prove('throughput', false, async ({ short }) => {
  const { status, stdout, stderr } = await kaiyan(['bench', '--json', ...(short ? ['--quick'] : [])]);
  if (status !== 0) throw new Error(`kaiyan bench ended with ${status}: ${stderr}`);
  const { allCoresBusy, otherProgramsShare } = JSON.parse(stdout) as Benchmark;
  const figure = (name: string) => allCoresBusy[name] ?? Number.NaN;
  const figures = [
    `${figure('picturesPerSecond').toFixed(0)} pictures a second`,
    `${figure('endToEndMsPerPicture').toFixed(2)} ms each, the parts divided by the cores ${figure('idealMsPerPicture').toFixed(2)} ms`,
    `ratio ${figure('ratioToIdeal').toFixed(2)} (bound ${MOST})`,
    `other programs used ${(otherProgramsShare * 100).toFixed(0)} % of the machine`,
  ];
  // A quick measurement shows that it works; a time may not fail it.
  const violations = short || figure('ratioToIdeal') <= MOST ? [] : [`a ratio of ${figure('ratioToIdeal').toFixed(2)}`];
  return { figures: figures.join(', '), violations };
});
