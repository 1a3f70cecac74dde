/** A model bundle: a folder with a manifest, one ONNX file per precision, and a licence. Data only. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { AppError } from '../errors.js';
import { sha256OfFile } from '../hashes.js';
import type { ModelFile } from '../inference/session.js';
import { imagenet1k } from '../labels/imagenet-1k/index.js';
import { type ClassNames, createLabelSet, type LabelSet } from '../labels/label-set.js';
import { describeIssue } from '../validation.js';
import { type Manifest, manifestSchema, type Precision } from './manifest.js';

export interface Bundle {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly labels: LabelSet;
}

/**
 * Reads a bundle's manifest; its model files are hashed when they are loaded.
 * @throws AppError MODEL_INVALID
 */
export async function openBundle(folder: string): Promise<Bundle> {
  const file = path.join(folder, 'model.json');
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new AppError('MODEL_INVALID', { path: file, reason: (error as Error).message });
  }
  const manifest = parseManifest(json, file);
  return { folder, manifest, labels: labelsOf(manifest) };
}

/** `file` is where it is, in the words of an error. @throws AppError MODEL_INVALID */
export function parseManifest(json: unknown, file: string): Manifest {
  const parsed = v.safeParse(manifestSchema, json);
  if (parsed.success) return parsed.output;
  const { path: where, expected, found } = describeIssue(parsed.issues[0]);
  throw new AppError('MODEL_INVALID', { path: file, reason: `${where || 'it'} has to be ${expected}, not ${found}` });
}

function labelsOf({ name, labels }: Manifest): LabelSet {
  if (labels === 'imagenet-1k') return imagenet1k;
  if ('base' in labels) return { ...imagenet1k, name, classes: [...imagenet1k.classes, ...labels.more.map(namesOf)] };
  return createLabelSet(name, labels.map(namesOf));
}

const namesOf = ({ en, zh }: { readonly en: string; readonly zh: string }): ClassNames => [null, en, zh];

export const precisionsOf = ({ manifest }: Bundle): Precision[] => manifest.files.map(({ precision }) => precision);

function fileOf({ name, files }: Manifest, precision: Precision): Manifest['files'][number] {
  const file = files.find((candidate) => candidate.precision === precision);
  if (file) return file;
  const available = files.map((candidate) => candidate.precision).join(', ');
  throw new AppError('PRECISION_UNAVAILABLE', { model: name, asked: precision, available });
}

/** The size of the file of one precision. @throws AppError PRECISION_UNAVAILABLE */
export const fileBytes = ({ manifest }: Bundle, precision: Precision): number => fileOf(manifest, precision).bytes;

/** What a session needs to load one precision. @throws AppError PRECISION_UNAVAILABLE */
export function modelFile({ folder, manifest, labels }: Bundle, precision: Precision): ModelFile {
  const file = fileOf(manifest, precision);
  const { name, width, height } = manifest.input;
  return {
    path: path.join(folder, file.path),
    sha256: file.sha256,
    input: name,
    logits: manifest.output.logits,
    shape: [3, height, width],
    classes: labels.classes.length,
  };
}

/** The first 12 digits of the hash of the file that answers; it names the model in every answer. */
export const digestOf = (file: ModelFile): string => file.sha256.slice(0, 12);

export interface FileCheck {
  readonly path: string;
  readonly expected: string;
  /** The file's own hash, or why it could not be read. */
  readonly found: string;
  readonly ok: boolean;
}

/** Hashes every model file of a bundle. */
export function verifyBundle({ folder, manifest }: Pick<Bundle, 'folder' | 'manifest'>): Promise<FileCheck[]> {
  return Promise.all(
    manifest.files.map(async ({ path: name, bytes, sha256 }) => {
      const file = path.join(folder, name);
      const found = await hashFile(file, bytes);
      return { path: file, expected: sha256, found, ok: found === sha256 };
    }),
  );
}

async function hashFile(file: string, bytes: number): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size !== bytes) return `${size} bytes instead of ${bytes}`;
    return await sha256OfFile(file);
  } catch (error) {
    return (error as Error).message;
  }
}
