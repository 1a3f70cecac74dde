/**
 * A certificate that vouches for itself (RFC 5280): ECDSA on P-256 with SHA-256, for a server alone. Packages that do this
 * bring 20 others and 9 MB; what is needed of it is one structure of fixed shape.
 */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { bits, explicit, implicit, integer, octets, oid, sequence, set, text, time, yes } from './der.js';

export interface SelfSigned {
  /** PKCS #8, in PEM. */
  readonly key: string;
  /** In PEM. */
  readonly certificate: string;
}

export interface SelfSignedOptions {
  /** What a person reads; at most 64 characters. */
  readonly title: string;
  /** Names and IP addresses that it is for. */
  readonly names: readonly string[];
  readonly now?: Date;
}

const DAY_MS = 86_400_000;
/** Browsers of Apple take 825 days at most, and 398 of authorities that they know (support.apple.com/HT210176, HT211025). */
const VALID_DAYS = 397;
/** Clocks of phones may be behind. */
const EARLIER_DAYS = 1;

const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const COMMON_NAME = oid('2.5.4.3');
const SERVER_AUTHENTICATION = oid('1.3.6.1.5.5.7.3.1');

/** Milliseconds of a CPU. */
export function makeSelfSigned({ title, names, now = new Date() }: SelfSignedOptions): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const name = sequence(set(sequence(COMMON_NAME, text(title))));
  const from = now.getTime() - EARLIER_DAYS * DAY_MS;
  const toBeSigned = sequence(
    explicit(0, integer(2)),
    serialNumber(),
    ECDSA_WITH_SHA256,
    name,
    sequence(time(new Date(from)), time(new Date(from + VALID_DAYS * DAY_MS))),
    name,
    spki,
    explicit(3, extensions(spki, names)),
  );
  const signature = sign('sha256', toBeSigned, privateKey);
  const certificate = sequence(toBeSigned, ECDSA_WITH_SHA256, bits(signature));
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), certificate: pem(certificate) };
}

/** Browsers refuse two certificates of one issuer with the same number. */
function serialNumber(): Buffer {
  const [first = 0, ...others] = randomBytes(16);
  return integer((first & 0x3f) | 0x40, ...others);
}

function extensions(spki: Uint8Array, names: readonly string[]): Buffer {
  const critical = yes;
  return sequence(
    // Basic constraints: not an authority, so that nobody who trusts it trusts more than this machine.
    sequence(oid('2.5.29.19'), critical, octets(sequence())),
    // Key usage: digital signatures, the first bit.
    sequence(oid('2.5.29.15'), critical, octets(bits(Buffer.of(0x80), 7))),
    sequence(oid('2.5.29.37'), octets(sequence(SERVER_AUTHENTICATION))),
    sequence(oid('2.5.29.14'), octets(octets(keyIdentifier(spki)))),
    sequence(oid('2.5.29.17'), octets(sequence(...names.map(alternativeName)))),
  );
}

/** RFC 7093, section 2, method 1: of the bits of the key, which are the last 65 bytes. */
const keyIdentifier = (spki: Uint8Array) => createHash('sha256').update(spki.subarray(-65)).digest().subarray(0, 20);

const alternativeName = (name: string) =>
  isIP(name) === 0 ? implicit(2, Buffer.from(name, 'ascii')) : implicit(7, addressBytes(name));

/** 4 bytes of IPv4, or 16 of IPv6. */
function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  // As URLs have it, there is no IPv4 in it.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (part: string) => part.split(':').filter(Boolean);
  const [before, after] = [groups(head), groups(tail ?? '')];
  const all = [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
