/** What about a Redis loses jobs: said when it is opened, as far as it tells about itself. */
import { AppError } from '../../errors.js';
import type { Connection } from './connection.js';

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
