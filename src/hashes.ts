/** SHA-256, in hexadecimal digits. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

export const sha256Of = (content: Uint8Array | string): string => createHash('sha256').update(content).digest('hex');

/** For much at once, which would hold up the thread. */
export const sha256InBackground = async (content: Uint8Array): Promise<string> =>
  Buffer.from(await crypto.subtle.digest('SHA-256', Uint8Array.from(content))).toString('hex');

/** Of a file, which is not held in memory; only of a file, since a pipe may never end. @throws what reading it throws */
export async function sha256OfFile(file: string): Promise<string> {
  if (!(await stat(file)).isFile()) throw new Error('it is not a file');
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
