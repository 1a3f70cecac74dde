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
    if (!(await isLeftUnturned(picture))) return await createImageBitmap(picture, { imageOrientation: 'from-image' });
  } catch {
    // The browser does not know the format: the service does.
  }
  return createImageBitmap(await drawnByService(picture, signal));
}

/**
 * Whether the picture may have to be turned and browsers do not do it: of WebP, Chromium leaves the EXIF data alone,
 * whose presence the container tells. https://developers.google.com/speed/webp/docs/riff_container#extended_file_format
 */
export async function isLeftUnturned(picture: Blob): Promise<boolean> {
  const head = new DataView(await picture.slice(0, 21).arrayBuffer());
  const isExtended = head.byteLength === 21 && head.getUint32(8) === WEBP && head.getUint32(12) === VP8X;
  return isExtended && (head.getUint8(20) & HAS_EXIF) !== 0;
}

/** As four letters stand in a file. */
const WEBP = 0x57454250;
const VP8X = 0x56503858;
const HAS_EXIF = 0x08;
