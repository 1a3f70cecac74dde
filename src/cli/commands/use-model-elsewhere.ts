/** `kaiyan models use --url`: tells a running service which model is to answer. */
import { type Configuration, flagOf } from '../../config.js';
import { AppError } from '../../errors.js';
import { certificateFile } from '../../server/certificate/kept.js';
import { catchInterrupt } from '../interrupt.js';
import { visible } from '../output.js';

/** Loading a large model on a busy machine takes its time. */
const PATIENCE_MS = 300_000;

/**
 * Prints what the service answers: the model that it now uses.
 * @throws AppError USAGE, SERVICE_UNREACHABLE, SERVICE_REFUSED
 */
export async function useModelElsewhere(
  model: string,
  url: string,
  { settings, sources }: Configuration,
): Promise<void> {
  const address = addressIn(url);
  const { precision, adminToken, apiKey } = settings;
  // One that listens to its own machine alone asks for no more than the key of every call.
  const key = adminToken || apiKey;
  const { status, text } = await ask(address, settings.home, {
    method: 'PUT',
    headers: {
      'Content-Type': 'application/json',
      ...(key !== '' && { Authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify({ model, ...(sources.precision === flagOf('precision') && { precision }) }),
  });
  if (status !== 200 || !namesModel(text)) {
    throw new AppError('SERVICE_REFUSED', { url: address.href, status, reason: reasonIn(text) });
  }
  process.stdout.write(`${visible(text)}\n`);
}

function addressIn(url: string): URL {
  const base = URL.canParse(url) ? new URL(url) : undefined;
  if (base && /^https?:$/.test(base.protocol))
    return new URL('api/v1/models/active', `${base.origin}${base.pathname.replace(/\/*$/, '/')}`);
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

function namesModel(text: string): boolean {
  try {
    const { name, digest } = JSON.parse(text) as Record<string, unknown>;
    return typeof name === 'string' && typeof digest === 'string';
  } catch {
    return false;
  }
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
