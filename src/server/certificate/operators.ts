/** The operator's own certificate, from the files that the settings name. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { AppError } from '../../errors.js';
import type { CertificateAndKey } from './certificate.js';

/** `onNotice` is called if it has ended. @throws AppError CERTIFICATE_INVALID, FILE_UNREADABLE */
export async function readCertificate(
  tlsCert: string,
  tlsKey: string,
  onNotice: (notice: string) => void,
): Promise<CertificateAndKey> {
  if (tlsCert === '') throw invalid('tlsKey is set and tlsCert is not', 'Name the file of the certificate too');
  if (tlsKey === '') throw invalid('tlsCert is set and tlsKey is not', 'Name the file of its key too');
  const [certificate, key] = await Promise.all([read(tlsCert), read(tlsKey)]);
  const parsed = parseCertificate(certificate, tlsCert);
  if (!parsed.checkPrivateKey(parseKey(key, tlsKey)))
    throw invalid(
      `the key in ${tlsKey} is not that of the certificate in ${tlsCert}`,
      'Name the two that belong together',
    );
  requireUsable(certificate, key, tlsCert);
  const end = new Date(parsed.validTo);
  if (end.getTime() < Date.now())
    onNotice(`the certificate in ${tlsCert} ended on ${end.toISOString().slice(0, 10)}: browsers refuse it`);
  return { certificate, key, parsed };
}

/** Also those that vouch for it, and whether its key is long enough for this machine. */
function requireUsable(cert: string, key: string, path: string): void {
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    const remedy = 'Replace it, or what follows it in the file';
    throw invalid(`what is in ${path} cannot be used (${(error as Error).message})`, remedy, error);
  }
}

const invalid = (reason: string, remedy: string, cause?: unknown) =>
  new AppError('CERTIFICATE_INVALID', { reason, remedy }, { cause });

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new AppError('FILE_UNREADABLE', { path, reason: (error as Error).message }, { cause: error });
  }
}

function parseCertificate(text: string, path: string): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch (error) {
    const remedy = 'It begins with "-----BEGIN CERTIFICATE-----"; convert it if need be (openssl x509)';
    throw invalid(`there is none in ${path}`, remedy, error);
  }
}

function parseKey(text: string, path: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch (error) {
    const isEncrypted = /ENCRYPTED/.test(text);
    throw isEncrypted
      ? invalid(`the key in ${path} is behind a passphrase`, 'Take that off (openssl pkey)', error)
      : invalid(`there is no private key in ${path}`, 'It begins with "-----BEGIN PRIVATE KEY-----" or similar', error);
  }
}
