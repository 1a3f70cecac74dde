/** Sends what is large and tells how far it is, which fetch cannot. Files are read from the disk as they are sent. */
import { addressOf, type Call, CallError, keyHeader, refusalOf, requireReadable } from './call.ts';

export interface Upload extends Omit<Call, 'method' | 'body'> {
  readonly body: FormData | Blob;
  /** Called with the bytes that were sent, of how many. */
  readonly onProgress?: (sent: number, total: number) => void;
}

/** The answer, as JSON, to what was posted. @throws CallError; AbortError if `signal` was aborted */
export async function upload<Answer>(path: string, { query, body, signal, ...request }: Upload): Promise<Answer> {
  signal?.throwIfAborted();
  const response = await post(addressOf(path, query), { body, signal, ...request });
  if (!response) {
    signal?.throwIfAborted();
    for (const file of filesOf(body)) await requireReadable(file);
    throw new CallError({ kind: 'silent' });
  }
  if (!response.ok) throw await refusalOf(response);
  return (await response.json()) as Answer;
}

/** Undefined if no answer came. */
function post(address: string, { headers, body, manages, signal, onProgress }: Upload): Promise<Response | undefined> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    request.open('POST', address);
    for (const [name, value] of Object.entries({ ...headers, ...keyHeader(manages) }))
      request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onProgress?.(loaded, total);
    request.onloadend = () => {
      signal?.removeEventListener('abort', abort);
      resolve(answerOf(request));
    };
    signal?.addEventListener('abort', abort);
    request.send(body);
  });
}

function answerOf(request: XMLHttpRequest): Response | undefined {
  // No answer at all has the status 0, which no Response can have.
  if (request.status === 0) return undefined;
  const wait = request.getResponseHeader('Retry-After');
  return new Response(request.responseText, {
    status: request.status,
    headers: { ...(wait !== null && { 'Retry-After': wait }) },
  });
}

function* filesOf(body: FormData | Blob): Generator<Blob> {
  if (body instanceof Blob) yield body;
  else for (const value of body.values()) if (value instanceof Blob) yield value;
}
