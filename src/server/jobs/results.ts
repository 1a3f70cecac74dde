/** What became of a job's pictures, as downloads of any length: a page of them is in memory, never all. */
import type { Item, ItemState, Job } from '../../jobs/job.js';
import type { JobStore } from '../../jobs/store.js';
import {
  BYTE_ORDER_MARK,
  type Cell,
  classificationCells,
  classificationColumns,
  csvLine,
  errorCells,
} from '../../jobs/table/csv.js';
import { viewItem } from './views.js';

const PAGE = 200;

export interface DownloadOptions {
  /** Only pictures in these states. */
  readonly states?: readonly ItemState[] | undefined;
  /** So many predictions have columns in a table. */
  readonly top: number;
}

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
export async function* jsonLines(store: Source, job: Job, { states }: DownloadOptions): AsyncGenerator<string> {
  for await (const items of pagesOf(store, job.id, states))
    yield items.map((item) => `${JSON.stringify(viewItem(item, job))}\n`).join('');
}

/** A table for spreadsheets with a row for each picture. */
export async function* csvLines(store: Source, job: Job, { top, states }: DownloadOptions): AsyncGenerator<string> {
  yield BYTE_ORDER_MARK + csvLine(['item', 'state', ...classificationColumns(top)]);
  for await (const items of pagesOf(store, job.id, states))
    yield items.map((item) => csvLine(cellsOf(item, top))).join('');
}

function cellsOf({ item, state, name, answer, error }: Item, top: number): Cell[] {
  if (answer) return [item, state, ...classificationCells(name, answer, top)];
  if (error) return [item, state, ...errorCells(name, error, top)];
  return [item, state, name, ...Array<null>(classificationColumns(top).length - 1).fill(null)];
}
