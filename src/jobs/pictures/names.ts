/** Job ids and hashes become parts of paths: they have to be what they are said to be. */
import { AppError } from '../../errors.js';

const JOB = /^[\w-]{1,100}$/;
const SHA256 = /^[0-9a-f]{64}$/;

export const isJobId = (name: string): boolean => JOB.test(name);

/** @throws AppError JOB_NOT_FOUND */
export function requireJobId(job: string): string {
  if (!isJobId(job)) throw new AppError('JOB_NOT_FOUND', { id: job });
  return job;
}

/** @throws AppError FILE_UNREADABLE */
export function requireHash(sha256: string): string {
  if (SHA256.test(sha256)) return sha256;
  throw new AppError('FILE_UNREADABLE', { path: sha256, reason: 'that is not the SHA-256 of a picture' });
}
