/** A process that takes items from a store of jobs, says which, and waits to be killed: MODULE FUNCTION ARGUMENT LIMIT. */
import type { JobStore } from '#kaiyan/jobs/store.js';

const [module = '', name = '', argument = '', limit = ''] = process.argv.slice(2);
const open = (await import(module))[name] as (argument: unknown) => Promise<JobStore>;
const store = await open(JSON.parse(argument));
let items = await store.take(Number(limit), 0);
while (items.length === 0) {
  await new Promise((resolve) => setTimeout(resolve, 50));
  items = await store.take(Number(limit), 0);
}
process.stdout.write(`${JSON.stringify(items.map(({ job, item }) => ({ job, item })))}\n`);
setInterval(() => undefined, 1000);
