/** The manifest of a model bundle, `model.json`: everything that makes an answer right. */
import * as v from 'valibot';

const name = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'a name of lower-case letters, digits, ".", "_" and "-"'),
);
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'a SHA-256 of 64 hexadecimal digits'));
/** A file beside the manifest: no folders, so that no path can leave the bundle. */
const fileName = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'the name of a file in the bundle'));
/** It is part of the header Kaiyan-Model, like the name, and the name of a folder. */
const version = v.pipe(
  v.string(),
  v.regex(
    /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/,
    'a version of 1 to 64 ASCII letters, digits, ".", "_", "+" and "-", with a letter or a digit first',
  ),
  v.check((version) => version !== 'model.json', 'a version that is not called as the manifest is'),
);
const words = 'text of 1 to 500 characters';
export const text = v.pipe(v.string(words), v.minLength(1, words), v.maxLength(500, words));
const side = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4096));
const perChannel = (value: v.GenericSchema<number, number>) => v.strictTuple([value, value, value]);

const inputEntries = {
  width: side,
  height: side,
  resize: v.strictObject({ shortSide: side, filter: v.picklist(['bilinear', 'bicubic']) }),
  /** In pixel values, 0..255. */
  mean: perChannel(v.pipe(v.number(), v.minValue(-1e6), v.maxValue(1e6))),
  std: perChannel(v.pipe(v.number(), v.minValue(1e-6), v.maxValue(1e6))),
};

const cropFits = <Input extends { width: number; height: number; resize: { shortSide: number } }>() =>
  v.check(
    ({ width, height, resize }: Input) => Math.max(width, height) <= resize.shortSide,
    'a crop (width and height) that fits into the resized short side',
  );

/** How a model wants its picture: `InputSpec`. */
export const inputSpecSchema = v.pipe(v.strictObject(inputEntries), cropFits());

export const outputSchema = v.strictObject({
  logits: text,
  embedding: v.optional(text),
  featureMap: v.optional(text),
});

/**
 * Where the weights came from: a package (purl), an address, a file of the user's, or the model (a reference) that was trained
 * further; the hash is of what was taken from there.
 */
const source = v.pipe(
  v.strictObject({
    package: v.optional(text),
    url: v.optional(text),
    file: v.optional(text),
    model: v.optional(text),
    sha256,
    note: v.optional(text),
  }),
  v.check(
    ({ package: name, url, file, model }) =>
      [name, url, file, model].filter((origin) => origin !== undefined).length === 1,
    'a source with one of package, url, file and model',
  ),
);

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

/** How the INT8 file was made from the FP32 file, and how well it does. */
export const quantizationSchema = v.strictObject({
  /** Pictures that it was calibrated with. */
  samples: v.pipe(v.number(), v.integer(), v.minValue(1)),
  percentile: v.number(),
  weightBits: v.picklist([7, 8]),
  /** Layers that stayed in FP32. */
  excluded: v.array(text),
  /** Pictures that both precisions answered, and whether they were others than those of the calibration. */
  pictures: v.pipe(v.number(), v.integer(), v.minValue(0)),
  heldOut: v.boolean(),
  /** Share of them for which both name the same class. */
  agreement: share,
  /** Shares of the labelled ones that each precision names as their labels do. */
  accuracy: v.optional(v.strictObject({ fp32: share, int8: share, pictures: v.number() })),
  /** How many times as fast as FP32 it was, on the machine where it was made. */
  speedup: v.number(),
});

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** How a model was taught its own classes: nothing in it names a picture or a place. */
export const trainingRecordSchema = v.strictObject({
  /** What was told, and what came of it where that is chosen while training. */
  recipe: v.strictObject({
    unfreeze: count,
    epochs: count,
    /** Changed views of each picture. */
    augment: count,
    seed: v.number(),
    validation: share,
    regularisation: v.number(),
    /** The epoch whose weights were kept; 0 where the last layer alone was trained. */
    bestEpoch: count,
  }),
  data: v.strictObject({
    /** SHA-256 over the contents of the pictures and their labels: the same for the same data. */
    sha256,
    /** Those of each class, in the order of the labels. */
    pictures: v.array(count),
    /** Of all of them, those that were held out. */
    validation: count,
  }),
  /** Of the last layer: each picture answered by one that had not seen it. Loss in nats. */
  crossValidated: v.strictObject({ accuracy: share, loss: v.number() }),
  /** Of the model in FP32, on the pictures that were held out; null if there were none. */
  validation: v.nullable(v.strictObject({ accuracy: share, loss: v.number() })),
});

const file = v.strictObject({
  precision: v.picklist(['int8', 'fp32']),
  path: fileName,
  bytes: v.pipe(v.number(), v.integer(), v.minValue(1)),
  sha256,
});

/** What a model that works says of an example picture. */
const check = v.strictObject({
  /** The name of a file in `examples/pictures`. */
  picture: fileName,
  /** The best class, by its position among the outputs. */
  class: v.pipe(v.number(), v.integer(), v.minValue(0)),
  minProbability: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0),
});

const ownLabel = v.strictObject({ en: text, zh: text });

/** A built-in label set with classes of one's own after its own: its categories and groups stay. */
const extendedLabels = v.strictObject({
  base: v.literal('imagenet-1k'),
  more: v.pipe(v.array(ownLabel), v.minLength(1), v.maxLength(100_000)),
});

/** The name of a built-in label set, such a set and more, or the classes' own names. */
const labelsSchema = v.union([
  v.literal('imagenet-1k'),
  v.pipe(v.array(ownLabel), v.minLength(2), v.maxLength(100_000)),
  extendedLabels,
]);

/** Divides the logits before the softmax, so that probabilities mean what they say. */
export const temperatureSchema = v.pipe(v.number(), v.minValue(1e-3), v.maxValue(1e3));

export const manifestSchema = v.strictObject({
  name,
  version,
  license: text,
  licenseFile: v.optional(fileName),
  source,
  /** The name of the network's architecture, where Kaiyan built the graph itself. */
  architecture: v.optional(name),
  input: v.pipe(v.strictObject({ name: text, ...inputEntries }), cropFits()),
  output: outputSchema,
  labels: labelsSchema,
  temperature: v.optional(temperatureSchema, 1),
  /** A known answer, which is asked for before the model takes over. */
  check: v.optional(check),
  parameters: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  metrics: v.optional(
    v.array(
      v.strictObject({
        precision: v.picklist(['int8', 'fp32']),
        /** Percent. */
        top1: v.number(),
        top5: v.optional(v.number()),
        on: text,
        source: v.picklist(['published', 'measured']),
      }),
    ),
    [],
  ),
  quantization: v.optional(quantizationSchema),
  training: v.optional(trainingRecordSchema),
  files: v.pipe(
    v.array(file),
    v.minLength(1),
    v.check(
      (files) => new Set(files.map(({ precision }) => precision)).size === files.length,
      'one file for each precision',
    ),
  ),
});

export type Manifest = v.InferOutput<typeof manifestSchema>;
/** What can be said of a model from outside: names, or that they are the usual ones. */
export type WrittenLabels = Exclude<Manifest['labels'], { readonly base: string }>;
export type Precision = Manifest['files'][number]['precision'];
export type TrainingRecord = v.InferOutput<typeof trainingRecordSchema>;
export type Quantization = v.InferOutput<typeof quantizationSchema>;
