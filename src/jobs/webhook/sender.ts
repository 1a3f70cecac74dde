/**
 * Tells an address that a job has ended. The address is the caller's, so it may lead only where it is harmless: each host,
 * also of a redirect, is looked up once, all its addresses are checked, and the connection goes to one of these.
 */
import { lookup as lookUp } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { Agent } from 'undici';
import { AppError } from '../../errors.js';
import { keyOf, signatureHeaders } from './signature.js';
import { type Lookup, refused, resolveTarget, type Target } from './target.js';

export interface WebhookSenderOptions {
  /** Empty for no webhooks. */
  readonly secret: string;
  /** Names or addresses of hosts that may be on a private network. */
  readonly allowedHosts: readonly string[];
  readonly lookup?: Lookup;
  /** For one attempt, with its redirects. */
  readonly timeoutMs?: number;
  /** Certificates (PEM) to trust in place of Node's. */
  readonly ca?: string;
}

interface Delivery {
  readonly address: string;
  /** The same for each attempt. */
  readonly id: string;
  /** JSON. */
  readonly body: string;
}

/** A reason is for the operator. */
type DeliveryResult =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** Whether another attempt may succeed. */
      readonly retry: boolean;
      readonly reason: string;
      /** As the receiver asks, at most six hours. */
      readonly retryAfterMs?: number;
    };

export interface WebhookSender {
  /** @throws AppError ADDRESS_REFUSED */
  readonly check: (address: string) => Promise<void>;
  /** One attempt. @throws the signal's reason */
  readonly send: (delivery: Delivery, signal: AbortSignal) => Promise<DeliveryResult>;
}

const TIMEOUT_MS = 15_000;
const MOST_REDIRECTS = 3;
/** Of an answer, whose content means nothing. Bytes. */
const MOST_READ = 65_536;
const DISCARD_MS = 1_000;
const MOST_HEADERS = 16_384;
const LONGEST_RETRY_AFTER_MS = 6 * 3_600_000;

const lookUpAll: Lookup = (host) => lookUp(host, { all: true, verbatim: true });

/** @throws AppError SETTING_INVALID */
export function createWebhookSender(options: WebhookSenderOptions): WebhookSender {
  const { secret, allowedHosts, lookup = lookUpAll, timeoutMs = TIMEOUT_MS, ca } = options;
  const key = keyOf(secret);
  const resolve = (address: string) => resolveTarget(address, { allowedHosts, lookup });

  async function check(address: string): Promise<void> {
    if (secret === '')
      throw refused(address, 'there is no key to sign webhooks with', 'Set webhookSecret, or leave out the webhook');
    try {
      await orEnd(resolve(address), AbortSignal.timeout(timeoutMs));
    } catch (error) {
      if (error instanceof AppError) throw error;
      // Without a network now, there may be one when it is needed.
      if (codeOf(error) === 'ENOTFOUND') throw refused(address, 'there is no such host');
    }
  }

  async function send(delivery: Delivery, signal: AbortSignal): Promise<DeliveryResult> {
    if (secret === '') return never('the setting webhookSecret is empty');
    const attempt = new AbortController();
    const slow = `it did not answer within ${timeoutMs / 1000} s`;
    const timer = setTimeout(() => attempt.abort(new Error(slow)), timeoutMs);
    const end = () => attempt.abort(signal.reason);
    signal.addEventListener('abort', end, { once: true });
    try {
      signal.throwIfAborted();
      return await orEnd(follow(delivery, attempt.signal), attempt.signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof AppError) return never(error.message);
      return { ok: false, retry: true, reason: attempt.signal.aborted ? slow : brokenBy(error) };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
    }
  }

  async function follow(delivery: Delivery, signal: AbortSignal): Promise<DeliveryResult> {
    let { address } = delivery;
    for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
      const target = await resolve(address);
      const answer = await post(target, delivery, signal);
      const result = answer.status >= 300 && answer.status < 400 ? sentOn(target.url, answer) : resultOf(answer);
      if (typeof result !== 'string') return result;
      address = result;
    }
    return never(`it was sent on more than ${MOST_REDIRECTS} times`);
  }

  async function post({ url, addresses }: Target, { id, body }: Delivery, signal: AbortSignal): Promise<Answer> {
    const agent = new Agent({
      connect: { lookup: fixed(addresses), ...(ca && { ca }) },
      maxHeaderSize: MOST_HEADERS,
      pipelining: 0,
    });
    // It looks at the signal only once it is connected.
    signal.addEventListener('abort', () => void agent.destroy(), { once: true });
    try {
      const response = await agent.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'kaiyan',
          ...signatureHeaders(key, id, Math.floor(Date.now() / 1000), body),
        },
        body,
        signal,
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      const { location, 'retry-after': retryAfter } = response.headers;
      // A receiver that is cut off in its answer may take that for a failure.
      const patience = AbortSignal.timeout(DISCARD_MS);
      await response.body.dump({ limit: MOST_READ, signal: patience }).catch(() => undefined);
      return { status: response.statusCode, location: single(location), retryAfter: single(retryAfter) };
    } finally {
      await agent.destroy();
    }
  }

  return { check, send };
}

interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly retryAfter: string | undefined;
}

const single = (header: string | string[] | undefined) => (Array.isArray(header) ? header[0] : header);

/** What is connected to, whatever the name means by now. */
function fixed(addresses: Target['addresses']): LookupFunction {
  const [first] = addresses;
  return (_host, { all }, found) => {
    if (all) found(null, [...addresses]);
    else found(first ? null : new Error('no address'), first?.address ?? '', first?.family);
  };
}

/** A name is looked up for as long as the system likes. */
function orEnd<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const end = () => reject(signal.reason);
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
  });
}

const never = (reason: string): DeliveryResult => ({ ok: false, retry: false, reason });

/** The next address, or why there is none. A redirect of another kind would not repeat the POST. */
function sentOn(from: URL, { status, location }: Answer): string | DeliveryResult {
  if (status !== 307 && status !== 308) return never(`it answered ${status}, which does not repeat a POST`);
  if (location === undefined || !URL.canParse(location, from.href))
    return never(`it answered ${status} without saying where`);
  const to = new URL(location, from);
  return from.protocol === 'https:' && to.protocol === 'http:' ? never('it was sent on from https to http') : to.href;
}

/** 410 says that nothing is wanted there any more; what else fails may be mended within the day. */
function resultOf({ status, retryAfter }: Answer): DeliveryResult {
  if (status < 300) return { ok: true };
  const reason = `it answered ${status}`;
  if (status === 410) return never(reason);
  const ms = retryAfterMs(retryAfter);
  return { ok: false, retry: true, reason, ...(ms !== undefined && { retryAfterMs: ms }) };
}

/** Seconds, or a date. */
function retryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), LONGEST_RETRY_AFTER_MS) : undefined;
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

const brokenBy = (error: unknown): string =>
  `there was no answer (${codeOf(error) ?? (error instanceof Error ? error.message : error)})`;
