/** What goes in and out of `/api/v1/explain` and `/api/v1/preview`. */
import * as v from 'valibot';
import { classification, classifyQuery, described, index, probability, share } from './contract.js';

const classWords = 'the index, the WordNet id or the name of a class';
const sizeWords = 'a whole number from 16 to 2048';

/** A threshold would change nothing here. */
const { model, precision, lang, top } = classifyQuery.entries;

export const explainQuery = v.strictObject({
  class: described(
    v.optional(v.pipe(v.string(classWords), v.minLength(1, classWords), v.maxLength(200, classWords))),
    'Class to explain: its index, WordNet id or name; the most probable one if not given.',
  ),
  ...{ model, precision, lang },
  top: described(top, 'Predictions wanted; 5 if not given, and never more than the model has classes.'),
  format: described(
    v.optional(v.picklist(['json', 'png'], 'json or png')),
    'The numbers (json), which is so if not given, or the picture with their heat over it (png).',
  ),
  opacity: described(v.optional(share), 'Of the heat in the picture; 0.55 if not given.'),
});

const pixels = v.pipe(v.number(), v.minValue(0));

export const explainAnswer = v.object({
  model: classification.entries.model,
  class: v.object({
    index: described(index, "Position among the model's outputs."),
    wnid: described(v.nullable(v.string()), 'WordNet id; null for classes of your own.'),
    label: v.string(),
    probability,
    logit: v.number(),
    bias: described(
      v.nullable(v.number()),
      'The logit less the mean of the grid, where the grid is exact; null for occlusion.',
    ),
  }),
  method: described(
    v.picklist(['class-activation-map', 'class-map', 'occlusion']),
    'What each place of the last feature map adds to the logit; the maps of classes that the network makes itself; or how the answer changes when parts of the picture are covered.',
  ),
  exact: described(
    v.boolean(),
    'Whether the grid is what the network reckons with; false for occlusion. In 8 bits its sum is rounded once more.',
  ),
  grid: described(
    v.object({ rows: index, columns: index, values: v.array(v.number()) }),
    'Over the crop, row by row from the top left. Where it is exact: parts of the logit. By occlusion: how much less probable the class is with that place covered.',
  ),
  crop: described(
    v.object({ x: pixels, y: pixels, width: pixels, height: pixels }),
    'The part that the network was given, in pixels of the upright picture; they may be fractions.',
  ),
  picture: described(v.object({ width: index, height: index }), 'The upright picture.'),
  predictions: classification.entries.predictions,
  timing: classification.entries.timing,
});

export const previewQuery = v.strictObject({
  size: described(
    v.optional(
      v.pipe(
        v.string(sizeWords),
        v.regex(/^\d{1,4}$/, sizeWords),
        v.transform(Number),
        v.number(),
        v.integer(),
        v.minValue(16, sizeWords),
        v.maxValue(2048, sizeWords),
      ),
    ),
    'Its long side at most, in pixels; 1024 if not given. A smaller picture is not enlarged.',
  ),
});
