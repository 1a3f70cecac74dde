/** What became of a job's pictures, as downloads of any length: a page of them is in memory, never all. */
import type { Item, ItemState, Job } from '../../jobs/job.js';
import type { JobStore } from '../../jobs/store.js';
import { viewItem } from './views.js';

const PAGE = 200;

type Source = Pick<JobStore, 'items'>;

async function* pagesOf(store: Source, id: string, states?: readonly ItemState[]): AsyncGenerator<Item[]> {
  for (let from = 0; ; ) {
    const items = await store.items(id, { states, from, limit: PAGE });
    const last = items.at(-1);
    if (!last) return;
    yield items;
    from = last.item + 1;
  }
}

/** A line of JSON for each picture, in the order of their positions. */
export async function* jsonLines(store: Source, job: Job, states?: readonly ItemState[]): AsyncGenerator<string> {
  for await (const items of pagesOf(store, job.id, states))
    yield items.map((item) => `${JSON.stringify(viewItem(item, job))}\n`).join('');
}
