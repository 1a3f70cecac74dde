/** Rows of the books as jobs and items. */
import type { ErrorCode } from '../../errors.js';
import type { Item, Job, JobState, KeptAnswer } from '../job.js';
import { ITEM } from './schema.js';

/** libsql adds a `_metadata` to some rows; columns are taken by their names. */
type Row = Readonly<Record<string, unknown>>;

const timeOf = (value: unknown): number | undefined => (value === null ? undefined : Number(value));

export function jobOf(row: Row): Job {
  const state = row.state as JobState;
  const [total, answered, failed] = [Number(row.total), Number(row.answered), Number(row.failed)];
  return {
    id: String(row.id),
    state,
    options: JSON.parse(String(row.options)),
    counts: { total, answered, failed, canceled: state === 'canceled' ? total - answered - failed : 0 },
    recorded: Number(row.recorded),
    createdAt: Number(row.created_at),
    startedAt: timeOf(row.started_at),
    endedAt: timeOf(row.ended_at),
    expiresAt: Number(row.expires_at),
  };
}

/** From a row of `items` with `kept`, the text of its answer. */
export function itemOf(row: Row, job: JobState): Item {
  const { state, sha256, kept, code, error } = row;
  return {
    item: Number(row.item),
    name: String(row.name),
    sha256: sha256 === null ? undefined : hexOf(sha256 as Uint8Array),
    state: stateOf(Number(state), job),
    sequence: Number(row.sequence),
    answer: kept === null ? undefined : (JSON.parse(String(kept)) as KeptAnswer),
    error: code === null ? undefined : { code: code as ErrorCode, error: String(error) },
  };
}

function stateOf(state: number, job: JobState): Item['state'] {
  if (state === ITEM.answered) return 'answered';
  if (state === ITEM.failed) return 'failed';
  return job === 'canceled' ? 'canceled' : 'waiting';
}

export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
export const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex');
