/** What Pillow makes of the pictures in tests/fixtures/pillow; see the README there. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { InputSpec } from '#kaiyan/image/input-spec.js';
import { fixtures } from './paths.js';

const geometry = (filter: InputSpec['resize']['filter'], shortSide: number, crop: number): InputSpec => ({
  width: crop,
  height: crop,
  resize: { shortSide, filter },
  mean: [127, 127, 127],
  std: [128, 128, 128],
});

/** The three geometries of the reference pixels. */
export const geometries = {
  bilinear256crop224: geometry('bilinear', 256, 224),
  bicubic256crop224: geometry('bicubic', 256, 224),
  bicubic292crop260: geometry('bicubic', 292, 260),
};
export type GeometryName = keyof typeof geometries;
export const geometryNames = Object.keys(geometries) as GeometryName[];

export interface PillowGolden extends Record<GeometryName, string> {
  readonly file: string;
  readonly mode: string;
  readonly width: number;
  readonly height: number;
  /** SHA-256 of the upright, flattened RGB pixels. */
  readonly pixels: string;
  /** False where decoders may differ; `golden` then names a PNG of the bicubic256crop224 crop. */
  readonly exact: boolean;
  readonly golden?: string;
}

export const pillowPicture = (file: string): string => path.join(fixtures, 'pillow/pictures', file);

const { pictures } = JSON.parse(await readFile(path.join(fixtures, 'pillow/goldens.json'), 'utf8')) as {
  readonly pictures: readonly PillowGolden[];
};
export const exactGoldens = pictures.filter(({ exact }) => exact);
export const tolerantGoldens = pictures.filter(({ exact }) => !exact);

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
