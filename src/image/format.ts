/** What kind of file the bytes are, told from the bytes alone. */
import { AppError } from '../errors.js';

export type ImageFormat = 'JPEG' | 'PNG' | 'WebP' | 'GIF' | 'TIFF' | 'AVIF' | 'BMP' | 'HEIC';

/** What can be decoded: HEIC only where its optional decoder is installed. */
export function acceptedFormats(): readonly ImageFormat[] {
  return ['JPEG', 'PNG', 'WebP', 'GIF', 'TIFF', 'AVIF', 'BMP', ...(hasHeicDecoder() ? (['HEIC'] as const) : [])];
}

function hasHeicDecoder(): boolean {
  try {
    import.meta.resolve('libheif-js/wasm-bundle.js');
    return true;
  } catch {
    return false;
  }
}

/** The first bytes that `detectFormat` looks at. */
export const SIGNATURE_BYTES = 512;

const text = (bytes: Uint8Array, start: number, end: number) =>
  Buffer.from(bytes.subarray(start, end)).toString('latin1');

type Matcher = (head: string) => boolean;
const begins =
  (...signatures: string[]): Matcher =>
  (head) =>
    signatures.some((signature) => head.startsWith(signature));
const has =
  (signature: string, offset: number): Matcher =>
  (head) =>
    head.startsWith(signature, offset);
const reads =
  (pattern: RegExp): Matcher =>
  (head) =>
    pattern.test(head);

const raster: readonly [ImageFormat, Matcher][] = [
  ['JPEG', begins('\xff\xd8\xff')],
  ['PNG', begins('\x89PNG\r\n\x1a\n')],
  ['GIF', begins('GIF87a', 'GIF89a')],
  ['WebP', (head) => begins('RIFF')(head) && has('WEBP', 8)(head)],
  ['TIFF', begins('II*\0', 'MM\0*', 'II+\0', 'MM\0+')],
  ['BMP', (head) => begins('BM')(head) && has('\0\0\0\0', 6)(head)],
];

/** Other files that people send, so that the error can name them. */
const refused: readonly [string, Matcher][] = [
  ['an SVG drawing', (head) => reads(/^(\xef\xbb\xbf)?\s*</)(head) && reads(/<svg[\s>]/i)(head)],
  ['a PDF document', reads(/^.{0,256}%PDF-/s)],
  ['a PostScript document', begins('%!PS', '\xc5\xd0\xd3\xc6')],
  ['a Photoshop document', begins('8BPS')],
  ['a JPEG XL picture', begins('\xff\x0a', '\0\0\0\x0cJXL ')],
  ['a JPEG 2000 picture', begins('\0\0\0\x0cjP  ', '\xff\x4f\xff\x51')],
  ['an icon file', begins('\0\0\x01\0', '\0\0\x02\0')],
  ['a Netpbm picture', reads(/^P[1-7fF]\s/)],
  ['an OpenEXR picture', begins('\x76\x2f\x31\x01')],
  ['a Radiance HDR picture', begins('#?RADIANCE', '#?RGBE')],
  ['a video', (head) => begins('\x1aE\xdf\xa3')(head) || has('AVI ', 8)(head) || has('ftyp', 4)(head)],
  ['a ZIP archive (or an Office document)', begins('PK\x03\x04')],
  ['a gzip archive', begins('\x1f\x8b')],
  ['a web page', reads(/^\s*<(!doctype html|html)/i)],
  ['an XML document', reads(/^\s*<\?xml/)],
];

const heifBrands = new Set(['heic', 'heix', 'hevc', 'hevx', 'heim', 'heis', 'hevm', 'hevs']);
const avifBrands = new Set(['avif', 'avis']);

/**
 * The format by its signature.
 * @throws AppError IMAGE_EMPTY, or IMAGE_UNSUPPORTED, which names what was found.
 */
export function detectFormat(bytes: Uint8Array): ImageFormat {
  if (bytes.byteLength === 0) throw new AppError('IMAGE_EMPTY', {});
  const head = text(bytes, 0, SIGNATURE_BYTES);
  const known = raster.find(([, matches]) => matches(head))?.[0] ?? heifFormat(bytes, head);
  if (known) return known;
  const found = refused.find(([, matches]) => matches(head))?.[0];
  throw new AppError('IMAGE_UNSUPPORTED', { found: found ?? `${hex(bytes)}, which no known picture begins with` });
}

function heifFormat(bytes: Uint8Array, head: string): 'AVIF' | 'HEIC' | undefined {
  if (!head.startsWith('ftyp', 4)) return undefined;
  const size = Math.min(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0), head.length);
  const brands = [head.slice(8, 12)];
  for (let at = 16; at + 4 <= size; at += 4) brands.push(head.slice(at, at + 4));
  if (brands.some((brand) => avifBrands.has(brand))) return 'AVIF';
  if (brands.some((brand) => heifBrands.has(brand))) return 'HEIC';
  return undefined;
}

const hex = (bytes: Uint8Array) =>
  `the bytes ${[...bytes.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}`;
