/** Whether a Redis can be used: what about it loses jobs, as far as it tells, and who has laid out the books in it. */
import { AppError } from '../../errors.js';
import type { Connection } from './connection.js';
import { LAYOUT } from './scripts/shared.js';

/** It has the commands that the scripts need. */
const OLDEST = 7;

/** @throws AppError QUEUE_UNAVAILABLE for one that is too old */
export async function inspect(
  { client, ask, address }: Connection,
  onNotice: ((notice: string) => void) | undefined,
): Promise<void> {
  const info = await ask(() => client.info()).catch((error: unknown) => {
    // Who may not ask is not told.
    if (error instanceof AppError && /NOPERM/.test(error.message)) return '';
    throw error;
  });
  const said = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const version = said('redis_version');
  if (version !== undefined && Number.parseInt(version, 10) < OLDEST) {
    const reason = `it is version ${version}, and Redis ${OLDEST} or Valkey is needed`;
    throw new AppError('QUEUE_UNAVAILABLE', { queue: address, reason });
  }
  const policy = said('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') {
    onNotice?.(`Redis throws jobs away when its memory is full: set maxmemory-policy to noeviction (it is ${policy}).`);
  }
  if (said('aof_enabled') === '0') {
    onNotice?.('Redis keeps jobs in memory only and loses the last ones, or all, when it ends: set appendonly to yes.');
  }
}

/**
 * Marks books that are new with their layout. Only these are written to, so that a full Redis can be opened.
 * @throws AppError QUEUE_UNAVAILABLE for books that another version of Kaiyan has laid out in another way
 */
export async function requireLayout({ client, ask, address }: Connection, prefix: string): Promise<void> {
  const key = `${prefix}:layout`;
  const found =
    (await ask(() => client.get(key))) ?? (await ask(() => client.set(key, LAYOUT, 'NX', 'GET'))) ?? String(LAYOUT);
  if (found === String(LAYOUT)) return;
  const reason = `the jobs there have layout ${found}, of another version of Kaiyan, and this one has ${LAYOUT}: let it finish them, or use another Redis or number of a database`;
  throw new AppError('QUEUE_UNAVAILABLE', { queue: address, reason });
}
