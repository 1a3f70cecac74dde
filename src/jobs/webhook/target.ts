/** Where a webhook may lead: to public addresses, and to hosts that the operator has named. */
import ipaddr from 'ipaddr.js';
import { AppError } from '../../errors.js';

interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** All addresses of a host, as `dns.promises.lookup` gives them; of an address, itself. */
export type Lookup = (host: string) => Promise<readonly ResolvedAddress[]>;

export interface Target {
  readonly url: URL;
  /** Where to connect to: the name is not looked up again, since it might lead elsewhere by then. */
  readonly addresses: readonly ResolvedAddress[];
}

/** @throws AppError ADDRESS_REFUSED; what the look-up throws */
export async function resolveTarget(
  address: string,
  { allowedHosts, lookup }: { readonly allowedHosts: readonly string[]; readonly lookup: Lookup },
): Promise<Target> {
  const url = parseAddress(address);
  const host = hostOf(url);
  const addresses = await lookup(host);
  const allowed = allowedHosts.map(normalized);
  const mayLead = (to: string) => allowed.includes(to) || isPublic(to);
  if (!allowed.includes(normalized(host)) && !addresses.every((each) => mayLead(normalized(each.address))))
    throw refused(
      address,
      'its host is on a private network, or has an address for special use',
      'Use a public http(s) address, or add its host to the setting webhookHosts',
    );
  return { url, addresses };
}

function parseAddress(address: string): URL {
  if (!URL.canParse(address)) throw refused(address, 'it is no address');
  const url = new URL(address);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refused(address, `it begins with ${url.protocol}`);
  if (url.username || url.password) throw refused(url.origin, 'there is a name or password in it');
  return url;
}

export const refused = (address: string, reason: string, remedy?: string): AppError =>
  new AppError('ADDRESS_REFUSED', { address, reason, ...(remedy !== undefined && { remedy }) });

/** As it is looked up: an IPv6 address has brackets in an URL. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

/** One form for each address and each name. */
function normalized(host: string): string {
  const bare = host.replace(/^\[|\]$/g, '');
  return ipaddr.isValid(bare) ? ipaddr.process(bare).toString() : bare.toLowerCase().replace(/\.$/, '');
}

/** Azure's machines ask it for their secrets; it is the one such address among the public ones. */
const METADATA = '168.63.129.16';
const GLOBAL_UNICAST = ipaddr.IPv6.parse('2000::');

/** What embeds another address (NAT64, 6to4, Teredo) is none; one mapped to IPv6 is what it maps. */
function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv6 && !parsed.match(GLOBAL_UNICAST, 3)) return false;
  return parsed.range() === 'unicast' && parsed.toString() !== METADATA;
}
