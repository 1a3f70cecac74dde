/** Under which addresses other machines reach the service, and who is one of them. */
import { type AddressInfo, BlockList, isIP } from 'node:net';
import os from 'node:os';
import type { FastifyRequest } from 'fastify';
import { isLoopback } from './access.js';

type Interfaces = ReturnType<typeof os.networkInterfaces>;

/** Networks of containers and virtual machines: nobody outside this machine is in them. */
const VIRTUAL = /^(docker|br-|veth|virbr|vmnet|vboxnet|vethernet|cni|flannel|lxc|lxd|podman)/i;

/** What is most likely the network that phones are in comes first; addresses that a machine gave itself come last. */
const LIKELIEST = [/^192\.168\./, /^10\./, /^172\.(1[6-9]|2\d|3[01])\./, /^(?!169\.254\.)/];

/**
 * Addresses of this machine in the networks that it is part of, the likeliest first. IPv6 only where there is no other:
 * such addresses change every day, and nobody types them.
 */
export function networkAddresses(interfaces: Interfaces = os.networkInterfaces()): readonly string[] {
  const found = Object.entries(interfaces)
    .filter(([name]) => !VIRTUAL.test(name))
    .flatMap(([, entries = []]) => entries.filter(({ internal }) => !internal));
  const rank = (address: string) => LIKELIEST.findIndex((pattern) => pattern.test(address)) >>> 0;
  const ipv4 = found.filter(({ family }) => family === 'IPv4').map(({ address }) => address);
  if (ipv4.length > 0) return ipv4.sort((one, other) => rank(one) - rank(other));
  return found.map(({ address }) => address).filter((address) => !/^fe[89ab]/i.test(address));
}

/** Every interface of a machine, in IPv4 or in both. */
const ANY = new Set(['0.0.0.0', '::']);

export interface Listening {
  /** What the service listens on; null while it does not. */
  readonly bound: AddressInfo | string | null;
  readonly scheme: 'http' | 'https';
  /** Whether it answers to a name; undefined if it answers to any. */
  readonly answersTo: ((name: string) => boolean) | undefined;
  /** Names that somebody vouches for: other names would be wrong. */
  readonly certified?: readonly string[];
}

/** URLs under which other machines of the network reach the service, the likeliest first. */
export function reachableAt(
  { bound, scheme, answersTo, certified = [] }: Listening,
  interfaces: Interfaces = os.networkInterfaces(),
): readonly string[] {
  if (bound === null || typeof bound === 'string') return [];
  const { address, port } = bound;
  const own = ANY.has(address) ? networkAddresses(interfaces) : [address];
  const names = certified.length > 0 && !isLoopback(address) ? certified : own;
  return (
    names
      .filter((name) => !isLoopback(name) && (answersTo?.(inUrl(name)) ?? true))
      .map((name) => `${scheme}://${inUrl(name)}:${port}`)
      // No URL has an address that needs to be told an interface (`fe80::1%eth0`), and a certificate may be for anything.
      .filter((url) => URL.canParse(url))
      .map((url) => new URL(url).origin)
  );
}

/** An address or a name as it is written in front of a port. */
export const inUrl = (name: string): string => (isIP(name) === 6 ? `[${name}]` : name);

const LOCAL = new BlockList();
for (const [network, prefix] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
] as const)
  LOCAL.addSubnet(network, prefix);
for (const [network, prefix] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  LOCAL.addSubnet(network, prefix, 'ipv6');

/** Whether a request comes from this machine or its network, and not through a proxy that nobody trusts. */
export function isNeighbour({ ip, ips, headers }: FastifyRequest): boolean {
  const isForwarded = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined;
  // `ips` is there where proxies are trusted.
  if (isForwarded && ips === undefined) return false;
  // A connection that has ended has none any more.
  const family = isIP(ip ?? '');
  return family !== 0 && LOCAL.check(ip, family === 6 ? 'ipv6' : 'ipv4');
}
