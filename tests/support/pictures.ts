/** Pictures for tests. */
import { readFile } from 'node:fs/promises';
import { createDecoder, type DecodeOptions, type LeasedImage } from '#kaiyan/image/decode.js';

export const decodeOptions: DecodeOptions = {
  maxBytes: 20_000_000,
  maxPixels: 50_000_000,
  maxPixelsInFlight: 64_000_000,
  slots: 2,
  timeoutSeconds: 20,
  iccProfiles: 'ignore',
  shrinkToShortSide: 0,
};

/** Decodes one picture, a file's bytes or its path, with a decoder of its own. */
export async function decodePicture(
  file: string | Uint8Array,
  options: Partial<DecodeOptions> = {},
): Promise<LeasedImage> {
  const decoder = createDecoder({ ...decodeOptions, ...options });
  try {
    return await decoder.decode(typeof file === 'string' ? await readFile(file) : file);
  } finally {
    await decoder.close();
  }
}
