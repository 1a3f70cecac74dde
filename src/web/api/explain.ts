/** Asks where in a picture an answer came from. */
import { preferences } from '../preferences/preferences.ts';
import { call, pictureHeaders } from './call.ts';
import type { Explanation } from './types.ts';

interface Asked {
  /** Index of the class to explain; the most probable one if not given. */
  readonly class?: number | undefined;
  readonly model?: string;
  readonly precision?: string;
  readonly signal?: AbortSignal | undefined;
}

/** @throws CallError */
export function explain(picture: Blob, { signal, ...asked }: Asked = {}): Promise<Explanation> {
  return call<Explanation>('api/v1/explain', {
    method: 'POST',
    // Who asks for this has the answer itself already.
    query: { lang: preferences().language, top: 1, ...asked },
    headers: pictureHeaders(picture),
    body: picture,
    signal,
  });
}
