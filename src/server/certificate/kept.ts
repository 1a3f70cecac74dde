/** A certificate of the service's own, which is made once and kept in the data directory, so that who trusts it may go on. */
import { createPrivateKey, randomUUID, X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from '../../folders.js';
import type { CertificateAndKey } from './certificate.js';
import { makeSelfSigned } from './self-signed.js';

/** A service that starts with it may run for so long. */
const LEAST_DAYS = 60;
const DAY_MS = 86_400_000;

export const certificateFile = (home: string): string => path.join(home, 'https', 'certificate.pem');

export interface KeptCertificate extends CertificateAndKey {
  /** Undefined if it could not be kept. */
  readonly file: string | undefined;
}

/**
 * For these names. Another one is made when it nears its end or has not all of them. Where it cannot be kept, `onNotice` is
 * called.
 */
export async function keptCertificate(
  home: string,
  names: readonly string[],
  onNotice: (notice: string) => void,
): Promise<KeptCertificate> {
  const file = certificateFile(home);
  const folder = path.dirname(file);
  const keyFile = path.join(folder, 'key.pem');
  const kept = await readKept(file, keyFile);
  if (kept && fits(kept.parsed, names)) return { ...kept, file };
  const made = makeSelfSigned({ title: `Kaiyan on ${os.hostname()}`.slice(0, 64), names });
  const certificate = { ...made, parsed: new X509Certificate(made.certificate) };
  try {
    await makeFolder(folder);
    return await alone(path.join(folder, '.making'), async () => {
      // Another service may have made one meanwhile.
      const others = await readKept(file, keyFile);
      if (others && fits(others.parsed, names)) return { ...others, file };
      await replace(keyFile, made.key, 0o600);
      await replace(file, made.certificate, 0o644);
      return { ...certificate, file };
    });
  } catch (error) {
    onNotice(`the certificate cannot be kept (${(error as Error).message}): the next start makes another one`);
    return { ...certificate, file: undefined };
  }
}

const LONGEST_WAIT_MS = 5000;
const WAIT_MS = 20;

/** One process after the other, so that the two files belong together; a folder that was left by a crash is not waited for long. */
async function alone<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  for (let waited = 0; waited < LONGEST_WAIT_MS; waited += WAIT_MS) {
    try {
      await mkdir(folder);
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    await sleep(WAIT_MS);
  }
  return work().finally(() => rm(folder, { recursive: true, force: true }));
}

/** Undefined where there is none that can be used, as after a crash between the two files. */
async function readKept(file: string, keyFile: string): Promise<CertificateAndKey | undefined> {
  try {
    const [certificate, key] = await Promise.all([readFile(file, 'utf8'), readFile(keyFile, 'utf8')]);
    const parsed = new X509Certificate(certificate);
    return parsed.checkPrivateKey(createPrivateKey(key)) ? { certificate, key, parsed } : undefined;
  } catch {
    return undefined;
  }
}

function fits(certificate: X509Certificate, names: readonly string[]): boolean {
  const daysFrom = (moment: string) => (new Date(moment).getTime() - Date.now()) / DAY_MS;
  const isFor = (name: string) =>
    (isIP(name) === 0 ? certificate.checkHost(name, { subject: 'never' }) : certificate.checkIP(name)) !== undefined;
  return daysFrom(certificate.validFrom) <= 0 && daysFrom(certificate.validTo) > LEAST_DAYS && names.every(isFor);
}

/** At once, so that nobody reads half of it. */
async function replace(file: string, content: string, mode: number): Promise<void> {
  const part = `${file}.${randomUUID()}`;
  try {
    await writeFile(part, content, { mode, flag: 'wx' });
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
