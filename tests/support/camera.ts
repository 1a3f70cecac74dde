/** A camera for a browser: a film made of pictures, each for a while, over and over. */
import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';

export const FILM_WIDTH = 640;
export const FILM_HEIGHT = 360;
/** Chromium plays such a file with so many. */
const FRAMES_PER_SECOND = 30;

export interface Film {
  readonly file: string;
  readonly pictures: readonly string[];
  /** Of each picture. */
  readonly seconds: number;
  /** Of the film; 640 if not given. */
  readonly width?: number;
}

/** Writes the film as Motion JPEG. */
export async function makeFilm({ file, pictures, seconds, width = FILM_WIDTH }: Film): Promise<void> {
  const shots = await Promise.all(pictures.map((picture) => filmedPicture(picture, width)));
  await writeFile(file, Buffer.concat(shots.flatMap((shot) => Array<Buffer>(FRAMES_PER_SECOND * seconds).fill(shot))));
}

/** A picture as it is in the film, as JPEG. */
export function filmedPicture(picture: string, width = FILM_WIDTH): Promise<Buffer> {
  const height = Math.round((width * FILM_HEIGHT) / FILM_WIDTH);
  return sharp(picture).resize(width, height, { fit: 'cover' }).jpeg({ quality: 95 }).toBuffer();
}

/** For a browser in which every page may use the camera, which shows the film. */
export const filmArguments = (file: string): readonly string[] => [
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  `--use-file-for-fake-video-capture=${file}`,
];
