/** Models to compare, as they are named: `NAME`, `NAME@VERSION`, either with `:int8` or `:fp32`. */
import { AppError } from '../errors.js';
import type { Precision } from '../models/manifest.js';

export interface ModelChoice {
  /** `NAME` or `NAME@VERSION`. */
  readonly reference: string;
  /** Undefined for the one that is best on this machine. */
  readonly precision: Precision | undefined;
}

/** One of them, as a regular expression. */
export const MODEL_CHOICE = '[a-z0-9][a-z0-9._-]{0,63}(?:@[A-Za-z0-9][A-Za-z0-9._+-]{0,63})?(?::(?:int8|fp32))?';

export const LEAST_MODELS = 2;
/** So many are in memory at once. */
const MOST_MODELS = 8;

const pattern = new RegExp(`^${MODEL_CHOICE}$`);

/** @throws AppError USAGE */
export function parseModelChoice(name: string): ModelChoice {
  if (!pattern.test(name)) {
    const problem = `Expected models as NAME, NAME@VERSION or NAME:PRECISION (int8, fp32) with commas between them, but got "${name}". See "kaiyan models list".`;
    throw new AppError('USAGE', { problem });
  }
  const [reference = '', precision] = name.split(':') as [string, Precision?];
  return { reference, precision };
}

/** From names with commas between them, which stand behind an option: at most `most`. @throws AppError USAGE */
export function parseModelChoices(text: string, option = '--models', most = MOST_MODELS): ModelChoice[] {
  const choices = text.split(',').map((name) => parseModelChoice(name.trim()));
  if (choices.length >= LEAST_MODELS && choices.length <= most) return choices;
  const expected = most === LEAST_MODELS ? `${most}` : `${LEAST_MODELS} to ${most}`;
  const problem = `Expected ${expected} models to compare, but got ${choices.length}. Name them with commas between them: ${option} a,b.`;
  throw new AppError('USAGE', { problem });
}

interface Identity {
  readonly name: string;
  readonly version: string;
  readonly precision: Precision;
}

/** The first one that is there twice, in words: two names can mean the same model. */
export function findDuplicate(models: readonly Identity[]): string | undefined {
  const words = models.map(({ name, version, precision }) => `${name}@${version} in ${precision}`);
  return words.find((word, i) => words.indexOf(word) < i);
}
