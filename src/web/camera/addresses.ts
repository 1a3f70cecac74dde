/** Where the page of the camera can be opened. */
import type { Service } from '../api/types.ts';

/** What makes the service reachable for phones, in the way that their browsers want it. */
export const SERVE_COMMAND = 'kaiyan serve --host 0.0.0.0 --https';

type Here = Pick<Location, 'protocol' | 'hostname' | 'port' | 'pathname'>;

/** On the machine of the service every address is secure that is its own. */
export const localAddress = ({ port, pathname }: Pick<Location, 'port' | 'pathname'>): string =>
  `http://localhost${port === '' ? '' : `:${port}`}${pathname}#/camera`;

/**
 * Where other devices find this page, the likeliest first: if it was opened by an address that is not only this
 * machine's, that one, which passes through whatever stands before the service.
 */
export function phoneAddresses(
  { protocol, hostname, port, pathname }: Here,
  { addresses }: Pick<Service, 'addresses'>,
): readonly string[] {
  if (!isLocal(hostname)) return [`${protocol}//${hostname}${port === '' ? '' : `:${port}`}${pathname}#/camera`];
  return addresses.map((address) => `${address}/#/camera`);
}

const isLocal = (hostname: string): boolean => /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
