/** HEIC through libheif-js, an optional package (LGPL). Its turns and crops are applied by the library itself. */
import type { SoftwareReply, SoftwareRequest } from './decoder.js';

/** The part of libheif's interface used here; the package has no types for it. */
interface Libheif {
  readonly ready?: Promise<unknown>;
  readonly HeifDecoder: new () => HeifDecoder;
  /** Takes the null of a decoder that has read nothing, too. */
  heif_context_free(context: object | null): void;
}

interface HeifDecoder {
  /** Holds a copy of the file, which the library itself frees only when this same decoder reads another one. */
  readonly decoder: object | null;
  decode(bytes: Uint8Array): HeifImage[];
}

interface HeifImage {
  get_width(): number;
  get_height(): number;
  is_primary(): boolean;
  display(target: HeifPixels, done: (pixels: HeifPixels | null) => void): void;
  free(): void;
}

interface HeifPixels {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

async function loadLibheif(): Promise<Libheif | undefined> {
  try {
    const loaded = (await import('libheif-js/wasm-bundle.js')) as { default: Libheif };
    await loaded.default.ready;
    return loaded.default;
  } catch {
    return undefined;
  }
}

const libheif = loadLibheif();

/** Frees nothing when something throws: libheif is broken then, and the worker ends. */
export async function decodeHeic({ bytes, maxPixels }: SoftwareRequest): Promise<SoftwareReply> {
  const library = await libheif;
  if (!library) return { failure: 'unavailable' };
  const decoder = new library.HeifDecoder();
  const images = decoder.decode(bytes);
  const reply = await decodePrimary(images, maxPixels);
  for (const image of images) image.free();
  library.heif_context_free(decoder.decoder);
  return reply;
}

async function decodePrimary(images: readonly HeifImage[], maxPixels: number): Promise<SoftwareReply> {
  const image = images.find((candidate) => candidate.is_primary()) ?? images[0];
  if (!image) return { failure: 'corrupt', reason: 'it holds no picture' };
  const [width, height] = [image.get_width(), image.get_height()];
  if (width * height > maxPixels) return { failure: 'too-large', width, height };
  const pixels = await display(image, width, height);
  if (!pixels) return { failure: 'corrupt', reason: 'its picture data is damaged' };
  return { image: { width, height, layout: 'rgba', data: new Uint8Array(pixels.data.buffer) } };
}

function display(image: HeifImage, width: number, height: number): Promise<HeifPixels | null> {
  return new Promise((resolve) => {
    image.display({ data: new Uint8ClampedArray(width * height * 4), width, height }, resolve);
  });
}
