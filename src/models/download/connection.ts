/** GET requests that go only where they may. The only module that makes a connection to another machine. */
import { STATUS_CODES } from 'node:http';
import { type Dispatcher, EnvHttpProxyAgent } from 'undici';
import type { Surroundings } from '../../config.js';
import { AppError } from '../../errors.js';

/** A failure that another attempt may mend. */
export class Interruption extends Error {
  override readonly name = 'Interruption';

  constructor(
    message: string,
    /** There is no network, or no such host or proxy. */
    readonly unreachable = false,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Where a download may lead. */
export interface Territory {
  readonly allows: (url: URL) => boolean;
  /** In words, for who is told that it may not. */
  readonly described: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  /** @throws AppError DOWNLOAD_FAILED, Interruption; the signal's reason */
  readonly chunks: () => AsyncGenerator<Uint8Array>;
  /** Ends the request, whatever of its body is still to come. */
  readonly discard: () => Promise<void>;
}

export interface Connection {
  /** @throws AppError DOWNLOAD_FAILED, DOWNLOAD_REFUSED; Interruption; the signal's reason */
  readonly get: (url: URL, headers: Readonly<Record<string, string>>) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

export interface ConnectionOptions {
  readonly territory: Territory;
  readonly proxies: Pick<Surroundings, 'httpProxy' | 'httpsProxy' | 'noProxy'>;
  /** For how long nothing may come. */
  readonly stallMs: number;
  readonly signal: AbortSignal;
}

/** The official hosts, over HTTPS at its own port. */
export function officialTerritory(hosts: readonly string[]): Territory {
  const allows = ({ protocol, port, hostname, username, password }: URL) =>
    protocol === 'https:' && port === '' && username === '' && password === '' && hosts.includes(hostname);
  return { allows, described: hosts.map((host) => `https://${host}`).join(' and ') };
}

/** The mirror itself, whatever its port; without TLS only on this machine. */
export function mirrorTerritory({ origin, protocol, hostname }: URL): Territory {
  const safe = protocol === 'https:' || isLoopback(hostname);
  const allows = (url: URL) => safe && url.origin === origin && url.username === '' && url.password === '';
  return { allows, described: safe ? origin : 'https:// or this machine' };
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
const LOOPBACK = 'localhost,127.0.0.1,[::1]';

const MOST_REDIRECTS = 5;
const DISCARD_MS = 1_000;

export function createConnection({ territory, proxies, stallMs, signal }: ConnectionOptions): Connection {
  // All three are given, or undici would read the environment itself.
  const { httpProxy, httpsProxy, noProxy } = proxies;
  const agent = new EnvHttpProxyAgent({
    httpProxy,
    httpsProxy,
    noProxy: noProxy === '*' ? noProxy : `${noProxy},${LOOPBACK}`,
  });

  async function get(url: URL, headers: Readonly<Record<string, string>>): Promise<Answer> {
    let target = url;
    for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
      if (!territory.allows(target)) throw refusal(target, territory);
      const answer = await getOnce(target, headers);
      if (!isRedirect(answer.status)) return answer;
      await answer.discard();
      target = redirected(target, answer);
    }
    const reason = `it was sent on more than ${MOST_REDIRECTS} times`;
    throw new AppError('DOWNLOAD_FAILED', { url: url.href, reason, remedy: ANOTHER_SOURCE });
  }

  async function getOnce(url: URL, headers: Readonly<Record<string, string>>): Promise<Answer> {
    const stalled = new AbortController();
    const seconds = `${stallMs / 1000} s`;
    const timer = setTimeout(() => stalled.abort(new Interruption(`nothing came for ${seconds}`)), stallMs).unref();
    const problem = (thrown: unknown) => {
      clearTimeout(timer);
      return signal.aborted ? signal.reason : failureOf(thrown, url);
    };
    const ended = AbortSignal.any([signal, stalled.signal]);
    const request = agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: 'GET',
      headers: { 'accept-encoding': 'identity', 'user-agent': 'kaiyan', ...headers },
      signal: ended,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const response = await orEnd(request, ended).catch((thrown: unknown) => {
      throw problem(thrown);
    });

    async function* chunks(): AsyncGenerator<Uint8Array> {
      try {
        for await (const chunk of response.body) {
          timer.refresh();
          yield chunk as Uint8Array;
        }
      } catch (thrown) {
        throw problem(thrown);
      } finally {
        clearTimeout(timer);
      }
    }

    async function discard(): Promise<void> {
      clearTimeout(timer);
      // A short body is read to its end, which leaves the connection usable.
      await response.body.dump({ limit: 16_384, signal: AbortSignal.timeout(DISCARD_MS) }).catch(() => undefined);
    }

    return { status: response.statusCode, headers: response.headers, chunks, discard };
  }

  return { get, close: () => agent.destroy() };
}

/** undici does not look at the signal while a proxy is silent. */
function orEnd<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => reject(signal.reason);
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
  });
}

export const ANOTHER_SOURCE = 'Try again later, or name another source with --from';

const isRedirect = (status: number) => [301, 302, 303, 307, 308].includes(status);

function redirected(from: URL, { status, headers }: Answer): URL {
  const { location } = headers;
  if (typeof location === 'string' && URL.canParse(location, from.href)) return new URL(location, from);
  const reason = `the server answered ${inWords(status)} without saying where`;
  throw new AppError('DOWNLOAD_FAILED', { url: from.href, reason, remedy: ANOTHER_SOURCE });
}

function refusal(url: URL, { described }: Territory): AppError {
  const shown = new URL(url);
  shown.password = url.password && '***';
  const reason = url.username || url.password ? 'there is a name or password in the address' : 'it leads elsewhere';
  return new AppError('DOWNLOAD_REFUSED', { url: shown.href, allowed: described, reason });
}

/** "404 (Not Found)" */
export const inWords = (status: number): string =>
  STATUS_CODES[status] === undefined ? `${status}` : `${status} (${STATUS_CODES[status]})`;

/** Codes of a machine that has no network, or of a host or proxy that is not there. */
const UNREACHABLE: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no such host, or no network',
  EAI_AGAIN: 'the host could not be looked up; there may be no network',
  ECONNREFUSED: 'the connection was refused',
  ENETUNREACH: 'there is no network to it',
  EHOSTUNREACH: 'there is no way to it',
  ETIMEDOUT: 'nothing answered',
  UND_ERR_CONNECT_TIMEOUT: 'nothing answered',
};

/** What a request failed of: another attempt may mend it (Interruption), or not (AppError). */
function failureOf(thrown: unknown, url: URL): Error {
  if (thrown instanceof Interruption || thrown instanceof AppError) return thrown;
  const { code = '', message } = thrown as NodeJS.ErrnoException;
  const failed = (reason: string, remedy: string) =>
    new AppError('DOWNLOAD_FAILED', { url: url.href, reason, remedy }, { cause: thrown });
  if (/CERT|SIGNATURE|SELF_SIGNED|ISSUER|^ERR_TLS/.test(code))
    return failed(`its certificate is not trusted (${code})`, UNTRUSTED);
  if (/^Proxy/.test(message)) return failed(`the proxy refused (${message})`, 'Look at HTTPS_PROXY and NO_PROXY');
  const unreachable = UNREACHABLE[code];
  if (unreachable !== undefined) return new Interruption(`${unreachable} (${code})`, true, { cause: thrown });
  return new Interruption(`the connection broke (${message || code})`, false, { cause: thrown });
}

const UNTRUSTED =
  'If a proxy of your company reads what goes through it, name its certificate in the variable NODE_EXTRA_CA_CERTS';
