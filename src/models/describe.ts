/** What a user, or the catalogue, says of a model that its file does not: how it wants its picture, its classes, its licence. */
import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { AppError } from '../errors.js';
import type { InputSpec } from '../image/input-spec.js';
import { describeIssue } from '../validation.js';
import {
  inputSpecSchema,
  type Manifest,
  outputSchema,
  temperatureSchema,
  type WrittenLabels,
  text as words,
} from './manifest.js';

export interface Description {
  readonly name?: string | undefined;
  readonly version?: string | undefined;
  readonly input?: InputSpec | undefined;
  /** The names of its outputs, where they are not Kaiyan's usual ones. */
  readonly output?: { readonly [Name in keyof Manifest['output']]?: string | undefined } | undefined;
  readonly labels?: WrittenLabels | undefined;
  readonly license?: string | undefined;
  readonly temperature?: number | undefined;
  readonly metrics?: Manifest['metrics'] | undefined;
  /** Where the file came from, if not from the user. */
  readonly source?: Pick<Manifest['source'], 'package' | 'url' | 'note'> | undefined;
}

const MOST_CLASSES = 100_000;

/** A class by its English name, or by that and its Chinese one. */
const classSchema = v.pipe(
  v.union([words, v.strictObject({ en: words, zh: v.optional(words) })], 'a name, or an object with "en" and "zh"'),
  v.transform((given) => {
    const { en, zh = en } = typeof given === 'string' ? { en: given } : given;
    return { en, zh };
  }),
);
const classesSchema = v.pipe(v.array(classSchema), v.minLength(2, 'at least two classes'), v.maxLength(MOST_CLASSES));

/** A description in a file (JSON): the same keys as in a manifest. */
const specSchema = v.strictObject({
  input: v.optional(inputSpecSchema),
  output: v.optional(v.partial(outputSchema)),
  labels: v.optional(
    v.union([v.literal('imagenet-1k'), classesSchema], '"imagenet-1k", or a list of at least two names of classes'),
  ),
  license: v.optional(words),
  temperature: v.optional(temperatureSchema),
});

/** @throws AppError FILE_UNREADABLE, DESCRIPTION_INVALID */
export async function readSpec(path: string): Promise<Description> {
  return parse(specSchema, parseJson(await readText(path), path), path);
}

/**
 * The names of classes, in the order of the model's outputs: a JSON array of names or of `{"en", "zh"}`, or text with one
 * class on each line, where a tab may come before its Chinese name.
 * @throws AppError FILE_UNREADABLE, DESCRIPTION_INVALID
 */
export async function readLabels(path: string): Promise<Exclude<WrittenLabels, string>> {
  const text = await readText(path);
  const json = text.trimStart().startsWith('[') ? parseJson(text, path) : text.trimEnd().split(/\r?\n/).map(fromLine);
  return parse(classesSchema, json, path);
}

function fromLine(line: string): { en: string; zh?: string } {
  const [en = '', zh] = line.split('\t').map((part) => part.trim());
  return zh ? { en, zh } : { en };
}

async function readText(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    throw new AppError('FILE_UNREADABLE', { path, reason: (error as Error).message });
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError('DESCRIPTION_INVALID', { path, expected: 'JSON', found: (error as Error).message });
  }
}

function parse<Schema extends v.GenericSchema>(schema: Schema, json: unknown, path: string): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, json);
  if (parsed.success) return parsed.output;
  const { path: where, expected, found } = describeIssue(parsed.issues[0]);
  throw new AppError('DESCRIPTION_INVALID', { path: where ? `${where} in ${path}` : path, expected, found });
}
