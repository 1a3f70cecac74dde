/** Who may call: which names the service answers to, which pages may use it, and who has a key. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Settings } from '../config.js';
import { AppError } from '../errors.js';

export type AccessSettings = Pick<Settings, 'host' | 'apiKey' | 'adminToken' | 'allowedHosts' | 'corsOrigins'>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call a route: everyone, who has the key (the default), or who manages the service. */
    readonly access?: 'everyone' | 'manager';
    /** Supervisors call by an address that changes, and what they are told helps nobody else. */
    readonly byAnyName?: true;
  }
}

/** Checks every request before its body is read. */
export function guard(app: FastifyInstance, settings: AccessSettings): void {
  const keys = { api: verifierOf(settings.apiKey), admin: verifierOf(settings.adminToken) };
  const requireHost = hostCheck(settings);
  const managementFor = managementOf(settings);

  function requireKey(request: FastifyRequest): void {
    const { access } = request.routeOptions.config;
    if (access === 'everyone') return;
    const given = keyOf(request);
    const isManager = keys.admin?.(given) ?? false;
    if (keys.api && !keys.api(given) && !isManager) throw new AppError('UNAUTHORIZED', {});
    if (access !== 'manager' || isManager) return;
    if (managementFor(request) === 'open') return;
    throw new AppError('MANAGEMENT_REFUSED', {});
  }

  app.addHook('onRequest', async (request) => {
    requireHostHeader(request);
    if (!request.routeOptions.config.byAnyName) requireHost(request);
    // A page elsewhere asks first, and is told by @fastify/cors; the request that asks has no key.
    if (request.method !== 'OPTIONS') requireKey(request);
  });
}

/** Whether a caller may manage the service as it is, with the token alone, or not at all, since there is none. */
export type Management = 'open' | 'token' | 'off';

export function managementOf({ host, adminToken }: AccessSettings): (request: FastifyRequest) => Management {
  // A proxy on this machine passes on calls of others, by another name or for another address.
  const isLocal = ({ ip, headers }: FastifyRequest) => [host, ip, hostName(headers.host ?? ip) ?? ''].every(isLoopback);

  // A page that may ask (`corsOrigins`) may not manage for that: whoever is at the browser has shown no token.
  const isOwnPage = ({ headers: { origin, host: own = '' } }: FastifyRequest) =>
    origin === undefined || originHost(origin) === own.toLowerCase();

  return (request) => {
    if (adminToken !== '') return 'token';
    return isLocal(request) && isOwnPage(request) ? 'open' : 'off';
  };
}

/** Node would refuse it too, but in words of its own. */
function requireHostHeader({ raw }: FastifyRequest): void {
  if (raw.httpVersion !== '1.1' || raw.headers.host !== undefined) return;
  const problem = 'Expected the header Host, but there is none. Send it, as HTTP/1.1 demands.';
  throw new AppError('REQUEST_INVALID', { problem });
}

/**
 * A page of another site can make a browser call this machine under a name of its own (DNS rebinding), or post to it
 * blindly. Where only this machine is listened to, its own names are accepted, and own pages; the same goes for names
 * that are listed. On a public address without a list, keys are what protects.
 */
function hostCheck(settings: AccessSettings): (request: FastifyRequest) => void {
  const { corsOrigins } = settings;
  const answersTo = namesOf(settings);
  const mayCall = (origin: string) => corsOrigins.includes('*') || corsOrigins.includes(origin);

  return ({ method, headers }) => {
    // Only a browser can be misused, and all of them send it.
    if (!answersTo || headers.host === undefined) return;
    const name = hostName(headers.host);
    if (name === undefined || !answersTo(name)) throw new AppError('HOST_REFUSED', { host: shown(headers.host) });
    const { origin } = headers;
    if (['GET', 'HEAD', 'OPTIONS'].includes(method) || origin === undefined || mayCall(origin)) return;
    if (originHost(origin) !== headers.host.toLowerCase())
      throw new AppError('ORIGIN_REFUSED', { origin: shown(origin) });
  };
}

/** Whether the service answers to a name; undefined if it answers to any. */
export function namesOf({
  host,
  allowedHosts,
}: Pick<Settings, 'host' | 'allowedHosts'>): ((name: string) => boolean) | undefined {
  if (allowedHosts.includes('*') || !(isLoopback(host) || allowedHosts.length > 0)) return undefined;
  const known = new Set([...allowedHosts, host].map((name) => name.toLowerCase()));
  return (name) => isLoopback(name) || known.has(name.toLowerCase());
}

/** Whether a name means this machine and no other. */
export const isLoopback = (name: string): boolean =>
  /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(name);

/** The name in a Host header; undefined if it is none. */
export function hostName(header: string): string | undefined {
  return /^(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i.exec(header)?.[1];
}

/** The host and port of an origin, as a Host header has them; `null` and the like have none. */
function originHost(origin: string): string | undefined {
  return /^https?:\/\/([^/]+)$/i.exec(origin)?.[1]?.toLowerCase();
}

/** Short enough for a sentence, and without what a terminal would obey. */
const shown = (text: string) => text.slice(0, 100).replace(/[^\x20-\x7e]/g, '?');

/** Compares in the same time whatever is given; undefined where no key is set. */
function verifierOf(secret: string): ((given: string) => boolean) | undefined {
  if (secret === '') return undefined;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const expected = digest(secret);
  return (given) => timingSafeEqual(digest(given), expected);
}

/** `Authorization: Bearer KEY` or `X-API-Key: KEY`. */
function keyOf({ headers }: FastifyRequest): string {
  const bearer = /^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1];
  return bearer?.trim() ?? String(headers['x-api-key'] ?? '');
}
