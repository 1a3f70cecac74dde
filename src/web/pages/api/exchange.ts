/** Sends a request as it is, and gives what comes back as it comes, whatever it is. */
import { JSON_TYPE } from './request.ts';

export interface Reply {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly type: string;
  /** Milliseconds from the request to the last byte so far. */
  readonly ms: number;
  /** So far. */
  readonly bytes: number;
  /** So far, and of a stream no more than can be shown; empty for what is no text. */
  readonly text: string;
  /** Null until all has come. */
  readonly body: Blob | null;
}

/** Characters. */
export const MOST_SHOWN = 100_000;

const TEXTS = /^(text\/|application\/(json|x-ndjson))/;

interface ExchangeOptions {
  readonly signal: AbortSignal;
  /** With what there is, after its head and after each piece. */
  readonly onReply: (reply: Reply) => void;
}

/** @throws TypeError if nothing comes back; AbortError if `signal` was aborted */
export async function exchange(
  address: string,
  request: RequestInit,
  { signal, onReply }: ExchangeOptions,
): Promise<void> {
  const started = performance.now();
  const response = await fetch(address, { ...request, signal });
  const type = response.headers.get('Content-Type')?.split(';')[0] ?? '';
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const decoder = new TextDecoder();
  const isText = TEXTS.test(type);
  let bytes = 0;
  let text = '';
  const tell = (body: Blob | null) => {
    const { status, statusText, headers } = response;
    const ms = performance.now() - started;
    onReply({ status, statusText, headers: [...headers], type, ms, bytes, text, body });
  };
  tell(null);
  for await (const piece of piecesOf(response)) {
    pieces.push(piece);
    bytes += piece.length;
    // JSON can be read only as a whole.
    if (!isText || (type !== JSON_TYPE && text.length >= MOST_SHOWN)) continue;
    text += decoder.decode(piece, { stream: true });
    tell(null);
  }
  tell(new Blob(pieces, { type }));
}

/** A stream is not iterable everywhere. */
async function* piecesOf({ body }: Response): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = body?.getReader();
  for (;;) {
    const next = await reader?.read();
    if (!next || next.done) return;
    yield next.value;
  }
}

/** JSON with a line for each value; anything else as it is. */
export function readable({ type, text, body }: Pick<Reply, 'type' | 'text' | 'body'>): string {
  if (type !== JSON_TYPE || !body) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
