/** Pictures as pixels, also those that the browser cannot read: the service draws them. */
import { callForBlob, pictureHeaders } from '../api/call.ts';

/** Pixels of the longer side of what the service draws. */
const LONGEST_SIDE = 1024;

/** The picture as a JPEG, upright. @throws CallError */
export function drawnByService(picture: Blob, signal?: AbortSignal): Promise<Blob> {
  return callForBlob('api/v1/preview', {
    method: 'POST',
    query: { size: LONGEST_SIDE },
    headers: pictureHeaders(picture),
    body: picture,
    signal,
  });
}

/** The picture's pixels, upright; `close` it when they are drawn. @throws CallError */
export async function pixelsOf(picture: Blob, signal?: AbortSignal): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(picture, { imageOrientation: 'from-image' });
  } catch {
    return createImageBitmap(await drawnByService(picture, signal));
  }
}
