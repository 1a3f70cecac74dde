/** What the service proves its name with over HTTPS: the operator's certificate, or one that it makes. */
import type { X509Certificate } from 'node:crypto';
import type { Settings } from '../../config.js';
import { isLoopback } from '../access.js';
import { keptCertificate } from './kept.js';
import { ownNames } from './names.js';
import { readCertificate } from './operators.js';

export interface CertificateAndKey {
  /** With those that vouch for it after it, in PEM. */
  readonly certificate: string;
  /** In PEM. */
  readonly key: string;
  readonly parsed: X509Certificate;
}

export interface ServerCertificate extends CertificateAndKey {
  /** SHA-256, as browsers show it. */
  readonly fingerprint: string;
  /** Whether Kaiyan made it: then it is for all names of this machine. */
  readonly isOwn: boolean;
  /** Names that an operator's is for; empty for one that Kaiyan made. */
  readonly names: readonly string[];
  /** Where one that Kaiyan made is kept, for clients that are to trust it; undefined for the operator's, and if it cannot be. */
  readonly file: string | undefined;
}

/** Whether the service is to speak HTTPS. */
export const isSecure = ({ https, tlsCert, tlsKey }: Pick<Settings, 'https' | 'tlsCert' | 'tlsKey'>): boolean =>
  https || tlsCert !== '' || tlsKey !== '';

/**
 * For a service that speaks HTTPS. `onNotice` is called with what an operator should know.
 * @throws AppError CERTIFICATE_INVALID, FILE_UNREADABLE
 */
export async function certificateFor(
  settings: Pick<Settings, 'home' | 'host' | 'allowedHosts' | 'tlsCert' | 'tlsKey'>,
  onNotice: (notice: string) => void,
): Promise<ServerCertificate> {
  const { home, tlsCert, tlsKey } = settings;
  if (tlsCert === '' && tlsKey === '') {
    const kept = await keptCertificate(home, ownNames(settings), onNotice);
    return { ...kept, fingerprint: kept.parsed.fingerprint256, isOwn: true, names: [] };
  }
  const given = await readCertificate(tlsCert, tlsKey, onNotice);
  return {
    ...given,
    fingerprint: given.parsed.fingerprint256,
    isOwn: false,
    names: namesIn(given.parsed),
    file: undefined,
  };
}

/** Names that can be opened: without patterns. */
function namesIn({ subjectAltName = '' }: X509Certificate): string[] {
  return [...subjectAltName.matchAll(/\bDNS:([\w.-]+)(?=,|$)/g)]
    .map(([, name = '']) => name)
    .filter((name) => !isLoopback(name));
}
