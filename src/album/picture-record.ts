/** What an album knows about one picture, as a line of its state. */
import * as v from 'valibot';

/** A class, group or category in both languages, so that another language needs no new answer. */
const namesSchema = v.object({ en: v.string(), zh: v.string() });
export type Names = v.InferOutput<typeof namesSchema>;

/** How a picture comes to its folder. */
export const placements = ['copy', 'link', 'move'] as const;
export type Placement = (typeof placements)[number];

export const recordSchema = v.object({
  /** Where the picture is, seen from the album's folder; after a move, where it was moved to. */
  file: v.string(),
  size: v.number(),
  mtimeMs: v.number(),
  sha256: v.string(),
  /** Which model answered, and how it was asked: see `askedOf`. */
  asked: v.string(),
  /** The honest answer: a class, a group, or null for unsure. */
  label: v.nullable(namesSchema),
  /** 0..1, of the label or, when unsure, of the best class. */
  probability: v.number(),
  /** The narrowest category that is sure enough. */
  category: v.nullable(namesSchema),
  /** All categories that are sure enough, most probable first. */
  categories: v.array(namesSchema),
  /** Whether there is a thumbnail, named after the hash. */
  thumbnail: v.boolean(),
  /** Set once it was sorted: where to, seen from the album's folder, and into which order of folders. */
  place: v.optional(v.object({ how: v.picklist(placements), order: v.string(), to: v.string() })),
  /** Set once keywords were written: into which sidecar, what was asked for, and what of it was not there before. */
  keywords: v.optional(v.object({ sidecar: v.string(), wanted: v.array(v.string()), ours: v.array(v.string()) })),
});
export type PictureRecord = Readonly<v.InferOutput<typeof recordSchema>>;
