/** The pictures of a request for a job: a form, an archive, one picture, or the paths of some on this machine. */
import type { FastifyRequest } from 'fastify';
import * as v from 'valibot';
import { AppError } from '../../errors.js';
import { readArchive } from '../../jobs/archive/archive.js';
import { tooManyPictures } from '../form-parser.js';
import { pathsBody } from '../job-contract.js';
import { mismatch } from '../requests.js';
import { announcedBytes, isBarePicture, isForm, isWithoutBody, mediaType } from '../upload.js';
import { arrivingBytes } from './arrival.js';
import { type FileSink, readLargeForm } from './form.js';
import { itemsAt } from './paths.js';
import type { Reception } from './reception.js';

export interface IntakeOptions extends IntakeLimits {
  /** Folders whose pictures may be named by their paths. */
  readonly folders: readonly string[];
  /** Where archives lie that have to be there as a whole. */
  readonly archives: string;
  /** Bytes of one picture. */
  readonly pictureBytes: number;
}

export interface IntakeLimits {
  /** Pictures in one request. */
  readonly pictures: number;
  /** Bytes of the whole request. */
  readonly bytes: number;
  /** The setting that says so. */
  readonly setting: 'maxJobBytes' | 'maxRequestBytes';
  /** Seconds in which more of the request has to come. */
  readonly seconds: number;
  /** Further pictures are passed over, not refused. */
  readonly ignoresMore?: boolean;
}

/** Puts the pictures of one request into its job. */
export type Fill = (reception: Reception) => Promise<void>;

/** Takes pictures alone, one after the other. */
export interface PictureReception {
  readonly picture: (name: string) => FileSink;
}

export type PictureFill = (reception: PictureReception) => Promise<void>;

/** Paths are short. */
const MOST_JSON_BYTES = 10_000_000;

/** How the body of a request for a job is read. @throws AppError MEDIA_TYPE_UNSUPPORTED, REQUEST_TOO_LARGE */
export function fillFrom(request: FastifyRequest, options: IntakeOptions): Fill {
  requireAnnounced(request, options);
  if (isWithoutBody(request)) return async () => undefined;
  const type = mediaType(request) ?? '';
  if (type === 'application/json') return (reception) => takePaths(request, reception, options);
  if (ARCHIVE.test(type)) return (reception) => takeArchive(request, reception, options);
  return pictureFill(request, options) ?? refuseType(request, EXPECTED);
}

/** Which kind it is, its first bytes say. */
const ARCHIVE = /^application\/(?:(?:x-)?zip(?:-compressed)?|(?:x-)?g?tar|(?:x-)?(?:tar\+)?gzip|x-compressed-tar)$/;

const EXPECTED =
  'a form (multipart/form-data), an archive (application/zip, application/x-tar or application/gzip), JSON with paths (application/json) or one picture (image/* or application/octet-stream)';

/** The same for pictures alone. @throws AppError IMAGE_MISSING, MEDIA_TYPE_UNSUPPORTED, REQUEST_TOO_LARGE */
export function fillFromFew(request: FastifyRequest, limits: IntakeLimits): PictureFill {
  requireAnnounced(request, limits);
  if (isWithoutBody(request)) throw new AppError('IMAGE_MISSING', {});
  return pictureFill(request, limits) ?? refuseType(request);
}

function refuseType(request: FastifyRequest, expected?: string): never {
  const found = (mediaType(request) ?? 'missing').slice(0, 100);
  throw new AppError('MEDIA_TYPE_UNSUPPORTED', { found, ...(expected && { expected }) });
}

/** A form, or a bare picture. */
function pictureFill(request: FastifyRequest, limits: IntakeLimits): PictureFill | undefined {
  if (isForm(request)) return (reception) => takeForm(request, reception, limits);
  return isBarePicture(request) ? (reception) => takePicture(request, reception, limits) : undefined;
}

function requireAnnounced(request: FastifyRequest, limits: IntakeLimits): void {
  const bytes = announcedBytes(request);
  if (bytes > limits.bytes) throw tooLarge(`${bytes} bytes`, limits);
}

function tooLarge(actual: string, { bytes, setting }: IntakeLimits): AppError {
  const remedy = `Send fewer pictures at once, or raise the setting ${setting}`;
  return new AppError('REQUEST_TOO_LARGE', { actual, limit: `${bytes} bytes`, remedy });
}

const bodyOf = (request: FastifyRequest, limits: IntakeLimits) =>
  arrivingBytes(request, { seconds: limits.seconds, most: limits.bytes, tooLarge: () => tooLarge('more', limits) });

async function takeForm(request: FastifyRequest, reception: PictureReception, limits: IntakeLimits): Promise<void> {
  let count = 0;
  await readLargeForm(request, bodyOf(request, limits), limits.pictures, (field, name) => {
    if (field !== 'image') return undefined;
    if (count === limits.pictures && limits.ignoresMore) return undefined;
    if (count === limits.pictures) throw tooManyPictures(limits.pictures);
    count += 1;
    return reception.picture(name ?? `image ${count}`);
  });
}

async function takePicture(request: FastifyRequest, reception: PictureReception, limits: IntakeLimits): Promise<void> {
  const picture = reception.picture('image');
  for await (const chunk of bodyOf(request, limits)) await picture.write(chunk);
  await picture.end();
}

/** A picture that cannot be unpacked is one that has failed; what is wrong with the archive itself ends the request. */
async function takeArchive(request: FastifyRequest, reception: Reception, options: IntakeOptions): Promise<void> {
  const { pictures, bytes, pictureBytes, archives: folder } = options;
  const unpacking = { limits: { pictures, pictureBytes, bytes }, folder, signal: new AbortController().signal };
  const take = async (name: string, content: AsyncIterable<Uint8Array>) => {
    const picture = reception.picture(name);
    try {
      for await (const chunk of content) await picture.write(chunk);
      await picture.end();
    } catch (error) {
      const isOfPicture = error instanceof AppError && ['IMAGE_TOO_LARGE', 'ARCHIVE_INVALID'].includes(error.code);
      if (!isOfPicture) throw error;
      await picture.fail(error);
    }
  };
  await readArchive(bodyOf(request, options), take, unpacking);
}

async function takePaths(request: FastifyRequest, reception: Reception, options: IntakeOptions): Promise<void> {
  const chunks: Buffer[] = [];
  const bytes = Math.min(options.bytes, MOST_JSON_BYTES);
  for await (const chunk of bodyOf(request, { ...options, bytes })) chunks.push(chunk);
  const parsed = v.safeParse(pathsBody, jsonIn(Buffer.concat(chunks)));
  if (!parsed.success) throw mismatch(parsed.issues[0], 'body', Object.keys(pathsBody.entries));
  for await (const item of itemsAt(parsed.output.paths, options.folders)) await reception.add(item);
}

function jsonIn(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch (error) {
    const problem = `Expected JSON with paths, but it cannot be read (${(error as Error).message.slice(0, 100)}). Correct it; see /docs.`;
    throw new AppError('REQUEST_INVALID', { problem });
  }
}
