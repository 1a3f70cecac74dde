/** What about a Redis loses jobs: said when it is opened, as far as it lets itself be asked. */
import { AppError } from '../../errors.js';
import type { Connection } from './connection.js';

/** It has the commands that the scripts need. */
const OLDEST = 7;

/** @throws AppError QUEUE_UNAVAILABLE for one that is too old */
export async function inspect(
  { client, ask, address }: Connection,
  onNotice: ((notice: string) => void) | undefined,
): Promise<void> {
  const info = await allowed(() => ask(() => client.info('server')), '');
  const version = /^redis_version:(\d+)(\S*)/m.exec(info);
  if (version && Number(version[1]) < OLDEST) {
    const reason = `it is version ${version[1]}${version[2]}, and Redis ${OLDEST} or Valkey is needed`;
    throw new AppError('QUEUE_UNAVAILABLE', { queue: address, reason });
  }
  if (!onNotice) return;
  const setting = async (name: string) => {
    const reply: unknown = await allowed(() => ask(() => client.config('GET', name)), []);
    return Array.isArray(reply) ? reply[1] : undefined;
  };
  const policy = await setting('maxmemory-policy');
  if (policy !== undefined && policy !== 'noeviction') {
    onNotice(
      `Redis may throw jobs away when its memory is full: set maxmemory-policy to noeviction (it is ${policy}).`,
    );
  }
  if ((await setting('appendonly')) === 'no') {
    onNotice('Redis keeps jobs in memory only and loses them when it ends: set appendonly to yes.');
  }
}

/** Some services do not let their settings be read. */
async function allowed<Reply>(ask: () => Promise<Reply>, otherwise: Reply): Promise<Reply> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof AppError) throw error;
    return otherwise;
  }
}
