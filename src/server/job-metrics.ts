/** Numbers about jobs for Prometheus. Those of the books are the same whichever service is asked. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Jobs } from '../jobs/jobs.js';
import type { StoreLoad } from '../jobs/store.js';

/** Where there are no books. */
const NOTHING: StoreLoad = {
  ...{ waiting: 0, oldest: undefined, bytes: 0 },
  jobs: { pending: 0, in_progress: 0, completed: 0, failed: 0, canceled: 0 },
};
/** All numbers of one look at `/metrics` come from one look into the books. */
const FRESH_MS = 500;

export function measureJobs(registry: Registry, jobs: Jobs): void {
  const shared = { registers: [registry] };
  const load = rememberFor(FRESH_MS, () => lookInto(jobs));
  // Without a number of books that cannot be reached: one that is wrong could end the workers that they need.
  const gauge = (name: string, help: string, value: () => number | Promise<number>) =>
    new Gauge({
      ...{ ...shared, name, help },
      async collect() {
        this.remove();
        const now = await Promise.resolve(value()).catch(() => undefined);
        if (now !== undefined) this.set(now);
      },
    });
  gauge('kaiyan_job_pictures_waiting', 'Pictures of jobs without an outcome.', async () => (await load()).waiting);
  gauge('kaiyan_job_oldest_seconds', 'Age of the oldest job that has not ended; 0 for none.', async () => {
    const { oldest } = await load();
    return oldest === undefined ? 0 : Math.max(0, Date.now() - oldest) / 1000;
  });
  gauge('kaiyan_job_bytes', 'Bytes of pictures and thumbnails kept for jobs.', async () => (await load()).bytes);
  gauge('kaiyan_job_bytes_limit', 'The setting jobBytes.', () => jobs.settings.jobBytes);
  gauge('kaiyan_job_pictures_in_hand', 'Pictures of jobs that this process has in hand.', jobs.inHand);
  new Gauge({
    ...{ ...shared, name: 'kaiyan_jobs', help: 'Jobs by their state.', labelNames: ['state'] },
    async collect() {
      this.reset();
      const known = await load().catch(() => undefined);
      for (const [state, count] of Object.entries(known?.jobs ?? {})) this.set({ state }, count);
    },
  });
  new Counter({
    ...{ ...shared, name: 'kaiyan_job_outcomes_total', labelNames: ['code'] },
    help: 'Pictures of jobs that this process is done with: ok, or the code of the error.',
    collect() {
      this.reset();
      for (const [code, count] of jobs.outcomes()) this.inc({ code }, count);
    },
  });
}

async function lookInto({ hasBooks, store }: Jobs): Promise<StoreLoad> {
  return hasBooks() ? store.load() : NOTHING;
}

function rememberFor<Value>(ms: number, look: () => Promise<Value>): () => Promise<Value> {
  let last: { readonly at: number; readonly value: Promise<Value> } | undefined;
  return () => {
    if (!last || performance.now() - last.at > ms) last = { at: performance.now(), value: look() };
    return last.value;
  };
}
