/** Calls the service; whatever keeps an answer away is a `CallError`. */
import { preferences } from '../preferences/preferences.ts';

export type Problem =
  | {
      readonly kind: 'refused';
      readonly status: number;
      /** Empty if it was not the service that answered, such as a proxy before it. */
      readonly code: string;
      readonly sentence: string;
      /** Seconds after which it may be tried again, if the service says so. */
      readonly retryAfter: number | null;
    }
  /** Nothing came back: the service or the network is away. */
  | { readonly kind: 'silent' }
  /** Files of the page did not come: the service is away, or has another version by now. */
  | { readonly kind: 'missing' }
  /** The browser cannot read the file: it is a folder, or has moved. */
  | { readonly kind: 'unreadable' };

export class CallError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.kind === 'refused' ? problem.sentence || String(problem.status) : problem.kind);
  }
}

/** What the service said, if it is that which kept an answer away. */
export const refusedWith = (error: unknown): Extract<Problem, { kind: 'refused' }> | undefined =>
  error instanceof CallError && error.problem.kind === 'refused' ? error.problem : undefined;

/** Whether what keeps an answer away may pass by itself, so that the same may be asked again. */
export const mayPass = (problem: Problem): boolean =>
  problem.kind === 'silent' ||
  problem.kind === 'missing' ||
  (problem.kind === 'refused' && (problem.status >= 500 || problem.status === 408 || problem.status === 429));

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly query?: Readonly<Record<string, string | number | boolean | null | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyInit;
  /** Whether it is for those who manage the service, for which an admin token may be wanted. */
  readonly manages?: boolean;
  /** Whether it goes on when the page is left meanwhile. */
  readonly keepalive?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** The answer to a call, as JSON. @throws CallError; AbortError if `signal` was aborted */
export async function call<Answer>(path: string, request: Call = {}): Promise<Answer> {
  const response = await send(path, request);
  return (await read(response.json(), request.signal)) as Answer;
}

/** The answer to a call, as bytes. @throws CallError; AbortError if `signal` was aborted */
export async function callForBlob(path: string, request: Call = {}): Promise<Blob> {
  const response = await send(path, request);
  return read(response.blob(), request.signal);
}

/** An answer that is still to be read. @throws CallError; AbortError if `signal` was aborted */
export async function send(
  path: string,
  { method = 'GET', query = {}, headers, body, manages, keepalive, signal }: Call,
): Promise<Response> {
  if (body instanceof Blob) await requireReadable(body);
  const request = fetch(addressOf(path, query), {
    method,
    headers: { ...headers, ...keyHeader(manages) },
    ...(body !== undefined && { body }),
    ...(keepalive && { keepalive }),
    ...(signal && { signal }),
  });
  const response = await read(request, signal);
  if (!response.ok) throw await refusalOf(response);
  return response;
}

/** The key that was given for the service, as it wants it; the admin token where it is needed, or there is nothing else. */
export function keyHeader(manages = false): Readonly<Record<string, string>> {
  const { key, adminToken } = preferences();
  const shown = manages ? adminToken || key : key || adminToken;
  return shown === '' ? {} : { Authorization: `Bearer ${shown}` };
}

/** Relative to the page, which may stand below any path. */
export function addressOf(path: string, query: Call['query'] = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return search === '' ? path : `${path}?${search}`;
}

/** The type that a picture is sent with. */
export const pictureHeaders = (picture: Blob) => ({
  'Content-Type': picture.type.startsWith('image/') ? picture.type : 'application/octet-stream',
});

async function read<Value>(pending: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  try {
    return await pending;
  } catch (_cause) {
    signal?.throwIfAborted();
    throw new CallError({ kind: 'silent' });
  }
}

/** A request that fails does not say whether it was the file or the service. @throws CallError */
export async function requireReadable(body: Blob): Promise<void> {
  try {
    await body.slice(0, 1).arrayBuffer();
  } catch {
    throw new CallError({ kind: 'unreadable' });
  }
}

/** What the service says of a request that it refuses. */
export async function refusalOf(response: Response): Promise<CallError> {
  const { status, headers } = response;
  const said: unknown = await response.json().catch(() => undefined);
  const { code, error } = (typeof said === 'object' && said !== null ? said : {}) as Record<string, unknown>;
  const wait = Number(headers.get('Retry-After') ?? Number.NaN);
  return new CallError({
    kind: 'refused',
    status,
    code: typeof code === 'string' ? code : '',
    sentence: typeof error === 'string' ? error : '',
    retryAfter: Number.isFinite(wait) ? wait : null,
  });
}
