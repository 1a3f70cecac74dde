/** A call to a running service, which manages it. */
import * as v from 'valibot';
import type { Settings } from '../config.js';
import { AppError } from '../errors.js';
import { certificateFile } from '../server/certificate/kept.js';
import { catchInterrupt } from './interrupt.js';

/** Loading a large model on a busy machine takes its time. */
const PATIENCE_MS = 300_000;

export interface ServiceCall {
  readonly method: 'POST' | 'PUT';
  /** Below `/api/v1/`. */
  readonly path: string;
  readonly body?: object;
}

/**
 * What the service at that address answers, if it has this shape.
 * @throws AppError USAGE, SERVICE_UNREACHABLE, SERVICE_REFUSED, ABORTED
 */
export async function callService<Schema extends v.GenericSchema>(
  url: string,
  { method, path, body }: ServiceCall,
  { home, adminToken, apiKey }: Pick<Settings, 'home' | 'adminToken' | 'apiKey'>,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  const address = addressIn(url, path);
  // One that listens to its own machine alone asks for no more than the key of every call.
  const key = adminToken || apiKey;
  const { status, text } = await ask(address, home, {
    method,
    headers: {
      ...(body && { 'Content-Type': 'application/json' }),
      ...(key !== '' && { Authorization: `Bearer ${key}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const parsed = status === 200 ? v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text) : undefined;
  if (parsed?.success) return parsed.output;
  throw new AppError('SERVICE_REFUSED', { url: address.href, status, reason: reasonIn(text) });
}

function addressIn(url: string, path: string): URL {
  const base = URL.canParse(url) ? new URL(url) : undefined;
  if (base && /^https?:$/.test(base.protocol))
    return new URL(`api/v1/${path}`, `${base.origin}${base.pathname.replace(/\/*$/, '/')}`);
  const problem = `Expected the address of a service, such as http://127.0.0.1:5000, but got "${url}". Correct --url.`;
  throw new AppError('USAGE', { problem });
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function ask(address: URL, home: string, request: RequestInit): Promise<Answer> {
  const interrupt = catchInterrupt();
  const signal = AbortSignal.any([interrupt, AbortSignal.timeout(PATIENCE_MS)]);
  try {
    const response = await fetch(address, { ...request, redirect: 'error', signal });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    if (interrupt.aborted) throw new AppError('ABORTED', {});
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? (distrust(cause, home) ?? (cause.message || String(cause))) : message;
    throw new AppError('SERVICE_UNREACHABLE', { url: address.href, reason }, { cause: error });
  }
}

const UNKNOWN_CERTIFICATE = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
];

/** What to do about a certificate that this machine does not know. */
function distrust({ code = '' }: NodeJS.ErrnoException, home: string): string | undefined {
  if (!UNKNOWN_CERTIFICATE.includes(code)) return undefined;
  return `nobody whom this machine trusts vouches for its certificate: set NODE_EXTRA_CA_CERTS to a copy of it, which a service on this machine keeps in ${certificateFile(home)}`;
}

/** Kaiyan says it in a sentence; something else may be listening there. */
function reasonIn(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    if (typeof error === 'string') return error;
  } catch {
    // It is no JSON.
  }
  return `"${text.slice(0, 100)}". Check that Kaiyan is what answers there.`;
}
