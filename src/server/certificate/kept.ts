/** A certificate of the service's own, which is made once and kept in the data directory, so that who trusts it may go on. */
import { createPrivateKey, randomUUID, X509Certificate } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import os from 'node:os';
import path from 'node:path';
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
    await replace(keyFile, made.key, 0o600);
    await replace(file, made.certificate, 0o644);
    return { ...certificate, file };
  } catch (error) {
    onNotice(`the certificate cannot be kept (${(error as Error).message}): the next start makes another one`);
    return { ...certificate, file: undefined };
  }
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
