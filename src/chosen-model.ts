/** The model that was chosen for a data directory (`kaiyan models use`): it answers where no setting names another. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { AppError } from './errors.js';
import { makeFolder, writeDurably } from './folders.js';
import { describeIssue } from './validation.js';

const schema = v.strictObject({
  /** A reference: NAME or NAME@VERSION. */
  model: v.pipe(v.string(), v.minLength(1)),
  /** As the settings say, if it is not given. */
  precision: v.optional(v.picklist(['auto', 'int8', 'fp32'])),
  /** When: the same choice made again is another one, for a service that has been told something else since. */
  chosen: v.optional(v.string()),
});

export type ChosenModel = v.InferOutput<typeof schema>;

export const chosenModelFile = (home: string): string => path.join(home, 'models', 'active.json');

/** Undefined if none was chosen. @throws AppError SETTING_INVALID */
export function readChosenModel(home: string): ChosenModel | undefined {
  const file = chosenModelFile(home);
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  const invalid = (expected: string, found: string) =>
    new AppError('SETTING_INVALID', { setting: 'the chosen model', source: file, expected, found });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw invalid('valid JSON', `a syntax error (${(error as Error).message})`);
  }
  const parsed = v.safeParse(schema, json);
  if (parsed.success) return parsed.output;
  const { path: where, expected, found } = describeIssue(parsed.issues[0]);
  throw invalid(where ? `one whose ${where} is ${expected}` : expected, found);
}

/** What cannot be read, like a data directory that is not there, holds no choice. */
function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Now, unless it says when; in one step, so that nobody reads half of it. @throws AppError MODELS_UNWRITABLE */
export async function writeChosenModel(home: string, choice: ChosenModel): Promise<void> {
  const file = chosenModelFile(home);
  const folder = path.dirname(file);
  try {
    await makeFolder(folder);
    await writeDurably(file, `${JSON.stringify({ ...choice, chosen: choice.chosen ?? new Date().toISOString() })}\n`);
  } catch (error) {
    throw new AppError('MODELS_UNWRITABLE', { path: folder, reason: (error as Error).message }, { cause: error });
  }
}
