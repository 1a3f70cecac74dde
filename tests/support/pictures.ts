/** Pictures for tests. */
import { readFile } from 'node:fs/promises';
import { settingsWith } from '#kaiyan/config.js';
import { createDecoder, type LeasedImage } from '#kaiyan/image/decode.js';
import { type DecodeOptions, decodeOptions } from '#kaiyan/image/decode-options.js';

export const defaultDecodeOptions: DecodeOptions = decodeOptions(settingsWith({}), 2);

/** Decodes one picture, a file's bytes or its path, with a decoder of its own. */
export async function decodePicture(
  file: string | Uint8Array,
  options: Partial<DecodeOptions> = {},
): Promise<LeasedImage> {
  const decoder = createDecoder({ ...defaultDecodeOptions, ...options });
  try {
    return await decoder.decode(typeof file === 'string' ? await readFile(file) : file);
  } finally {
    await decoder.close();
  }
}
