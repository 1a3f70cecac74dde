/** Resident memory of what `npm start` starts stays low and flat while clients send it photographs. */
import { withoutShared } from '../tests/support/requirements.js';
import { photographs } from './support/files.js';
import { brokenPromises, rateOf, runLoad } from './support/load.js';
import { judgeTrend, type MemorySample } from './support/memory-trend.js';
import { prove, showProgress } from './support/proof.js';
import { startService, withoutProc } from './support/service-process.js';

const CLIENTS = 16;

await prove('service-memory', withoutProc() || withoutShared(), async ({ short }) => {
  const count = short ? 1_500 : 10_000;
  const service = await startService(['--workers', '2'], ['npm', 'start', '--']);
  const samples: MemorySample[] = [];
  const load = { port: service.port, files: photographs(), clients: CLIENTS, requests: count };
  const report = await runLoad(load, (answered) => {
    samples.push({ pictures: answered, megabytes: service.megabytes() });
    showProgress(answered, count);
  });
  const { figures, violations } = judgeTrend({ samples, peakMb: service.peakMegabytes(), count, short });
  return {
    figures: `${figures}; ${CLIENTS} clients, ${rateOf(report).toFixed(0)} answers a second`,
    violations: [...violations, ...brokenPromises('clients', report, [200]), ...(await service.end())],
  };
});
