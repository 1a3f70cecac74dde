/** What somebody said that a picture really shows. */
import * as v from 'valibot';

/** Any text: a class of a model, or a new one. */
const MOST_CHARACTERS = 500;
const words = `text of 1 to ${MOST_CHARACTERS} characters`;
export const labelSchema = v.pipe(
  v.string(words),
  v.trim(),
  v.minLength(1, words),
  v.maxLength(MOST_CHARACTERS, words),
);

/** What was said, and of which answer. */
export const saidSchema = v.object({
  label: labelSchema,
  /** The class that the model had named, with its probability; null where nobody says. */
  predicted: v.nullable(v.string()),
  probability: v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  /** NAME@VERSION. */
  model: v.nullable(v.string()),
});

export type Said = Readonly<v.InferOutput<typeof saidSchema>>;

export const recordSchema = v.object({
  ...saidSchema.entries,
  /** Of the picture. */
  bytes: v.pipe(v.number(), v.integer(), v.minValue(1)),
  created: v.pipe(v.string(), v.isoTimestamp()),
});

export interface Correction extends Readonly<v.InferOutput<typeof recordSchema>> {
  /** The SHA-256 of the picture. */
  readonly id: string;
}

/** Fewer say nothing about a model, since what teaches it cannot judge it as well. */
export const LEAST_CORRECTIONS = 2;
