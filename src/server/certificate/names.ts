/** By which names and addresses this machine may be called, and what a certificate of its own is made for. */
import { isIP } from 'node:net';
import os from 'node:os';
import type { Settings } from '../../config.js';
import { networkAddresses } from '../addresses.js';

/** Labels of letters, digits and hyphens (RFC 1034); others cannot be in a certificate as they are. */
const DNS_NAME = /^(?=.{1,253}$)[a-z\d]([a-z\d-]{0,61}[a-z\d])?(\.[a-z\d]([a-z\d-]{0,61}[a-z\d])?)*$/;

/** Each once, in lower case; IPv6 without brackets. */
export function ownNames({ host, allowedHosts }: Pick<Settings, 'host' | 'allowedHosts'>): readonly string[] {
  const hostname = os.hostname().toLowerCase();
  const names = [
    ...['localhost', hostname],
    // By which other machines find it without a name server (RFC 6762).
    ...(hostname.includes('.') ? [] : [`${hostname}.local`]),
    ...['127.0.0.1', '::1', ...networkAddresses()],
    ...[host, ...allowedHosts].map((name) => name.toLowerCase().replace(/^\[(.*)\]$/, '$1')),
  ];
  const isAny = (name: string) => name === '0.0.0.0' || name === '::';
  // An address of one interface (`fe80::1%eth0`) is none that a certificate can have.
  const isAddress = (name: string) => isIP(name) !== 0 && !name.includes('%');
  return [...new Set(names)].filter((name) => !isAny(name) && (isAddress(name) || DNS_NAME.test(name)));
}
