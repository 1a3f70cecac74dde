/** One decoding of a picture for several models. */
import type { Decoder, LeasedImage } from '../image/decode.js';

export interface SharedDecoding {
  /** A decoder's `decode` that decodes for the first who asks, and hands the same pixels to the others. */
  readonly through: (decoder: Decoder) => Decoder['decode'];
  /** Gives back the room that the pixels take; call it once every model has answered or given up. */
  readonly release: () => void;
}

export function shareDecoding(): SharedDecoding {
  let decoded: Promise<LeasedImage> | undefined;

  // Whole, whatever one of them lets pictures be reduced to: a second decoding would wait for the room of the first.
  const through: SharedDecoding['through'] = (decoder) => async (bytes, signal) => {
    decoded ??= decoder.decode(bytes, signal);
    return { ...(await decoded), release: () => undefined };
  };

  function release(): void {
    decoded?.then(
      (image) => image.release(),
      () => undefined,
    );
    decoded = undefined;
  }

  return { through, release };
}
