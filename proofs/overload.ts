/** Four times what a service can do, for a minute: those it accepts it answers soon, the others it refuses, and then it is as fast as before. */
import { brokenPromises, type LoadReport, rateOf, runLoad } from './support/load.js';
import { prove } from './support/proof.js';
import { startService, uploads, withoutProc } from './support/service-process.js';

const CLIENTS = 16;
const [LONG_CAPACITY_SECONDS, SHORT_CAPACITY_SECONDS] = [5, 3];
const TIMES = 4;
const MOST_P99_MS = 2_000;
const LEAST_GOODPUT = 0.6;
const LEAST_AFTER = 0.85;
/** Less than this share of the rate was sent: the clients were the bottleneck, and nothing is proved. */
const LEAST_SENT = 0.95;

await prove('overload', withoutProc(), async ({ short }) => {
  const service = await startService();
  const files = uploads();
  const capacitySeconds = short ? SHORT_CAPACITY_SECONDS : LONG_CAPACITY_SECONDS;
  const closed = (seconds: number) => runLoad({ port: service.port, files, clients: CLIENTS, seconds });
  await closed(2);
  const before = await closed(capacitySeconds);
  const capacity = rateOf(before);
  const memoryBefore = service.megabytes();
  const cpuBefore = service.cpuSeconds();
  const during = await runLoad({ port: service.port, files, rate: TIMES * capacity, seconds: short ? 8 : 60 });
  const cores = (service.cpuSeconds() - cpuBefore) / during.seconds;
  const memoryDuring = service.megabytes();
  const after = await closed(capacitySeconds);
  const goodput = rateOf(during) / capacity;
  const recovered = rateOf(after) / capacity;
  const sentRate = during.sent / during.sendingSeconds;
  const memory = [memoryBefore, memoryDuring, service.megabytes(), service.peakMegabytes()];
  const [megabytesBefore, megabytesDuring, megabytesAfter, peak] = memory.map((megabytes) => megabytes.toFixed(0));
  const late = [
    ...(during.p99 <= MOST_P99_MS ? [] : [`an accepted one in a hundred waited ${during.p99.toFixed(0)} ms`]),
    ...(goodput >= LEAST_GOODPUT ? [] : [`only ${percent(goodput)} of the capacity was of use during the overload`]),
    ...(recovered >= LEAST_AFTER ? [] : [`afterwards it does ${percent(recovered)} of before`]),
    ...(sentRate >= LEAST_SENT * TIMES * capacity ? [] : ['the clients did not keep the rate']),
  ];
  const violations = [
    ...brokenPromises('before', before, [200]),
    ...brokenPromises('overload', during, [200, 429, 504]),
    ...brokenPromises('after', after, [200]),
    // A short run shows that promises are kept; a time may not fail it.
    ...(short ? [] : late),
    ...(await service.end()),
  ];
  const figures = [
    `capacity ${capacity.toFixed(0)}/s with ${CLIENTS} clients (p50 ${before.p50.toFixed(0)} ms)`,
    `${sentRate.toFixed(0)}/s sent for ${during.sendingSeconds.toFixed(0)} s (${(sentRate / capacity).toFixed(1)} times the capacity, ${during.lateP99.toFixed(0)} ms late at most for 99 %, ${during.connections} connections)`,
    `${statusWords(during)}`,
    `accepted p50 ${during.p50.toFixed(0)} ms, p99 ${during.p99.toFixed(0)} ms (bound ${MOST_P99_MS} ms), refused p99 ${during.refusedP99.toFixed(0)} ms`,
    `goodput ${percent(goodput)} of the capacity (bound ${percent(LEAST_GOODPUT)})`,
    `service ${cores.toFixed(2)} cores, clients ${during.cores.toFixed(2)}`,
    `afterwards ${percent(recovered)} (bound ${percent(LEAST_AFTER)})`,
    `memory ${megabytesBefore} MB before, ${megabytesDuring} MB at the end of it, ${megabytesAfter} MB after, peak ${peak} MB`,
  ];
  return { figures: `${figures.join('; ')}${short ? '; times are not judged in a short run' : ''}`, violations };
});

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

function statusWords({ statuses, errors }: LoadReport): string {
  const list = Object.entries(statuses).map(([status, count]) => `${count} with ${status}`);
  return `${list.join(', ')}, ${errors} connection errors`;
}
