/** Asks the service what a picture shows. */
import type { Classification } from '#kaiyan/classification/classification.js';
import type { Language } from './messages.js';

export interface Refusal {
  readonly kind: 'refused';
  readonly status: number;
  /** Empty if it was not the service that answered, such as a proxy before it. */
  readonly code: string;
  readonly sentence: string;
}

export type Outcome =
  | { readonly kind: 'answered'; readonly classification: Classification }
  | Refusal
  /** Nothing came back. */
  | { readonly kind: 'silent' }
  /** The browser cannot read the file: it is a folder, or has moved. */
  | { readonly kind: 'unreadable' };

export interface Question {
  readonly lang: Language;
  /** Empty for none. */
  readonly key: string;
  readonly signal: AbortSignal;
}

const TOP = 3;

/** Never rejects; what comes after `signal` was aborted means nothing. */
export async function classify(file: File, { lang, key, signal }: Question): Promise<Outcome> {
  if (!(await isReadable(file))) return { kind: 'unreadable' };
  try {
    const response = await fetch(`api/v1/classify?lang=${lang}&top=${TOP}`, {
      method: 'POST',
      headers: {
        'Content-Type': file.type.startsWith('image/') ? file.type : 'application/octet-stream',
        ...(key !== '' && { Authorization: `Bearer ${key}` }),
      },
      body: file,
      signal,
    });
    const body = parse(await response.text());
    if (response.ok && body) return { kind: 'answered', classification: body as unknown as Classification };
    return { kind: 'refused', status: response.status, code: text(body?.code), sentence: text(body?.error) };
  } catch {
    return { kind: 'silent' };
  }
}

/** A fetch that fails does not say whether it was the file or the service. */
async function isReadable(file: File): Promise<boolean> {
  return file
    .slice(0, 1)
    .arrayBuffer()
    .then(() => true)
    .catch(() => false);
}

function parse(body: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const text = (value: unknown) => (typeof value === 'string' ? value : '');
