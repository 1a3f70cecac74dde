/** Asks what a picture shows. */
import { preferences } from '../preferences/preferences.ts';
import { call, pictureHeaders } from './call.ts';
import type { Classification } from './types.ts';

export interface Asked {
  readonly signal?: AbortSignal | undefined;
  readonly model?: string;
  readonly precision?: string;
  readonly top?: number;
}

/** What to ask with for the model that gave an answer to give another one, whichever is active by now. */
export const sameModelAs = ({ model: { name, version, precision } }: Pick<Classification, 'model'>) => ({
  model: `${name}@${version}`,
  precision,
});

/** In the language, and with the top k and the threshold that are chosen. @throws CallError */
export function classify(picture: Blob, { signal, ...asked }: Asked = {}): Promise<Classification> {
  const { language, top, threshold } = preferences();
  return call<Classification>('api/v1/classify', {
    method: 'POST',
    query: { lang: language, top, threshold, ...asked },
    headers: pictureHeaders(picture),
    body: picture,
    signal,
  });
}
