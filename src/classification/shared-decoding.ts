/** One decoding of a picture for several models. */
import type { Decoder, LeasedImage } from '../image/decode.js';

export interface SharedDecoding {
  /** A decoder's `decode` that decodes for the first who asks, and hands the same pixels to the others. */
  readonly through: (decoder: Decoder) => Decoder['decode'];
  /** Gives back the room that the pixels take; call it once every model has answered or given up. */
  readonly release: () => void;
}

export function shareDecoding(): SharedDecoding {
  /** By the short side that a model lets pictures be reduced to. */
  const decoded = new Map<number, Promise<LeasedImage>>();

  const through: SharedDecoding['through'] =
    (decoder) =>
    async (bytes, signal, shortSide = 0) => {
      const image = decoded.get(shortSide) ?? decoder.decode(bytes, signal, shortSide);
      decoded.set(shortSide, image);
      return { ...(await image), release: () => undefined };
    };

  function release(): void {
    for (const image of decoded.values()) {
      image.then(
        (it) => it.release(),
        () => undefined,
      );
    }
    decoded.clear();
  }

  return { through, release };
}
