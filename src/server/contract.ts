/** What goes in and out under `/api/v1`: these schemas check requests, and OpenAPI describes them and the answers. */
import * as v from 'valibot';
import { type ErrorCode, errorTable } from '../errors.js';
import { LEAST_MODELS, MODEL_CHOICE } from '../evaluation/model-choice.js';
import { quantizationSchema } from '../models/manifest.js';

export const described = <Schema extends v.GenericSchema>(schema: Schema, description: string) =>
  v.pipe(schema, v.description(description));

export const probability = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const milliseconds = v.pipe(v.number(), v.minValue(0));
const precision = v.picklist(['int8', 'fp32']);
export const index = v.pipe(v.number(), v.integer(), v.minValue(0));

const MOST_TOP = 1000;
const topWords = `a whole number from 1 to ${MOST_TOP}`;
const shareWords = 'a number from 0 to 1';

/** In a query. */
export const share = v.pipe(
  v.string(shareWords),
  v.regex(/^\d*\.?\d+(e-?\d+)?$/i, shareWords),
  v.maxLength(40, shareWords),
  v.transform(Number),
  v.number(),
  v.minValue(0, shareWords),
  v.maxValue(1, shareWords),
);

const language = described(
  v.optional(v.picklist(['en', 'zh'], 'en or zh')),
  'Language of labels; the setting `lang` if not given.',
);
export const modelName = v.pipe(
  v.string(),
  v.regex(
    /^[a-z0-9][a-z0-9._-]{0,63}(@[A-Za-z0-9][A-Za-z0-9._+-]{0,63})?$/,
    'the name of a model (lower-case letters, digits, ".", "_", "-"), with @ and a version if it is not to be the highest',
  ),
);

export const predictQuery = v.strictObject({ lang: language });

const modelQuery = {
  model: described(v.optional(modelName), 'Model that answers, loaded if it is not yet; the active one if not given.'),
};

export const classifyQuery = v.strictObject({
  top: described(
    v.optional(
      v.pipe(
        v.string(topWords),
        v.regex(/^\d{1,4}$/, topWords),
        v.transform(Number),
        v.number(),
        v.integer(),
        v.minValue(1, topWords),
        v.maxValue(MOST_TOP, topWords),
      ),
    ),
    'Predictions wanted; the setting `top` if not given, and never more than the model has classes.',
  ),
  ...modelQuery,
  precision: described(
    v.optional(v.picklist(['auto', 'int8', 'fp32'], 'auto, int8 or fp32')),
    'Arithmetic of the model; that of the active model if not given.',
  ),
  lang: language,
  threshold: described(
    v.optional(share),
    'Probability from which a class or a group is named, 0 to 1; the setting `threshold` if not given.',
  ),
});

/** So many may be compared in one call. */
const MOST_COMPARED = 4;
const comparedWords = `${LEAST_MODELS} to ${MOST_COMPARED} models with commas between them, each as NAME, NAME@VERSION or NAME:PRECISION`;

export const compareQuery = v.strictObject({
  models: described(
    v.pipe(
      v.string(comparedWords),
      v.regex(
        new RegExp(`^${MODEL_CHOICE}(?:,${MODEL_CHOICE}){${LEAST_MODELS - 1},${MOST_COMPARED - 1}}$`),
        comparedWords,
      ),
    ),
    `Models that answer: ${comparedWords} (int8 or fp32). Together with the active one at most as many as the setting \`loadedModels\`.`,
  ),
  top: classifyQuery.entries.top,
  lang: language,
  threshold: classifyQuery.entries.threshold,
});

export const labelsQuery = v.strictObject(modelQuery);
export const nameParams = v.object({ name: modelName });

export const activeModelBody = v.strictObject({
  model: modelName,
  precision: v.optional(v.picklist(['auto', 'int8', 'fp32'], 'auto, int8 or fp32')),
});

const identity = v.object({
  name: v.string(),
  version: v.string(),
  precision,
  digest: described(v.string(), 'The first 12 hexadecimal digits of the SHA-256 of the model file.'),
});

export const classification = v.object({
  model: identity,
  predictions: described(
    v.array(
      v.object({
        index: described(index, "Position among the model's outputs."),
        wnid: described(v.nullable(v.string()), 'WordNet id; null for classes of your own.'),
        label: v.string(),
        probability,
      }),
    ),
    'The most probable classes, best first.',
  ),
  answer: described(
    v.object({
      level: v.picklist(['class', 'group', 'unsure']),
      label: v.nullable(v.string()),
      wnid: v.nullable(v.string()),
      group: described(v.nullable(v.string()), "The group's key; set for a group."),
      probability: described(probability, 'When unsure, that of the best class.'),
    }),
    'The honest answer: a class if it is sure enough, else the smallest group that is, else unsure.',
  ),
  categories: described(
    v.array(v.object({ name: v.string(), label: v.string(), probability })),
    'Categories of at least 1 %, most probable first; they overlap, so they do not sum to 1.',
  ),
  flags: described(v.array(v.object({ name: v.string(), probability })), 'Flags that the rules of the settings raise.'),
  timing: described(
    v.object({ decodeMs: milliseconds, inferenceMs: milliseconds, queueMs: milliseconds, totalMs: milliseconds }),
    'Milliseconds: decoding, resampling and the run of the model, waiting, and all together.',
  ),
});

export const refusal = v.object({
  error: described(v.string(), 'A sentence: what was expected, what came, and what to do.'),
  code: v.picklist(Object.keys(errorTable) as ErrorCode[]),
});

/** One picture gives its answer, several an array in their order, in which a failed one has its error in its place. */
export const classifyAnswer = v.union([classification, v.array(v.union([classification, refusal]))]);

export const compareAnswer = v.object({
  models: described(
    v.array(v.object({ ...identity.entries, bytes: described(index, 'Size of the model file.') })),
    'In the order of the query.',
  ),
  pictures: described(
    v.array(
      v.union([
        v.object({
          answers: described(v.array(classification), 'In the order of the models.'),
          agreed: described(v.boolean(), 'Whether all name the same class.'),
        }),
        refusal,
      ]),
    ),
    'In the order of the request; one that failed has its error in its place.',
  ),
  agreement: described(
    v.array(v.array(v.nullable(probability))),
    'Share of the pictures for which two models name the same class, by row and column; null if none was answered.',
  ),
});

export const predictAnswer = described(
  v.array(v.object({ label: v.string(), confidence: described(v.number(), 'Percent, with two decimals.') })),
  'The three most probable classes, best first.',
);

export const statusAnswer = v.object({ status: v.string() });

const most = (of: string) => described(v.pipe(index, v.minValue(1)), of);

export const serviceAnswer = v.object({
  name: v.literal('kaiyan'),
  version: v.string(),
  secure: described(v.boolean(), 'Whether the service itself speaks HTTPS.'),
  addresses: described(
    v.array(v.string()),
    'Where other machines of the local network reach it, such as `https://192.168.1.20:5000`, the likeliest first. Told to callers of the local network alone; empty where only its own machine is listened to.',
  ),
  fingerprint: described(
    v.nullable(v.string()),
    'SHA-256 of its certificate, as browsers show it: 32 hexadecimal bytes with colons; null without HTTPS.',
  ),
  needsKey: described(v.boolean(), 'Whether calls need the setting `apiKey`.'),
  management: described(
    v.picklist(['open', 'token', 'off']),
    'Whether this caller may activate models: as it is, with the `adminToken` alone, or not at all, since none is set.',
  ),
  limits: v.object({
    maxBytes: most('Bytes of a picture.'),
    maxRequestBytes: most('Bytes of a request, with all its pictures.'),
    maxPixels: most('Pixels of a picture.'),
    picturesPerRequest: most('Pictures in a request that is answered at once.'),
    jobPictures: most('Pictures in the request that makes a job.'),
    jobBytes: most('Bytes of the request that makes a job.'),
  }),
  formats: described(
    v.array(v.picklist(['JPEG', 'PNG', 'WebP', 'GIF', 'TIFF', 'AVIF', 'BMP', 'HEIC'])),
    'Pictures that are accepted; HEIC where its decoder is installed.',
  ),
  languages: v.array(v.picklist(['en', 'zh'])),
  defaults: v.object({
    top: described(v.pipe(index, v.minValue(1)), 'Predictions in an answer.'),
    lang: v.picklist(['en', 'zh']),
    threshold: described(probability, 'Probability from which a class or a group is named.'),
  }),
  jobs: described(v.boolean(), 'Whether jobs can be kept here, as far as can be told without trying.'),
});

const modelSummary = {
  name: v.string(),
  version: v.string(),
  license: v.string(),
  input: v.object({ width: index, height: index }),
  classes: index,
  files: v.array(v.object({ precision, bytes: index, digest: v.string() })),
  reference: described(
    v.string(),
    'How to name it: the highest version of a model by the name alone, others as `NAME@VERSION`.',
  ),
  trainedFrom: described(v.optional(v.string()), 'The model that it was trained from, if it was trained here.'),
  active: described(v.boolean(), 'Whether it answers when no model is named.'),
  loaded: described(v.array(precision), 'The precisions in which it is in memory.'),
};

const modelInMemory = v.object({
  ...identity.entries,
  active: described(v.boolean(), 'Whether it answers when no model is named.'),
  memoryBytes: described(index, 'What it takes in memory, as estimated.'),
  requests: described(index, 'Requests that it has answered since it was loaded.'),
  lastUsed: described(v.nullable(v.pipe(v.string(), v.isoTimestamp())), 'When it last answered; null for never.'),
});

export const modelAnswer = v.object({
  ...modelSummary,
  source: v.object({
    package: v.optional(v.string()),
    url: v.optional(v.string()),
    file: v.optional(v.string()),
    model: described(v.optional(v.string()), 'The model that it was trained from.'),
    sha256: v.string(),
    note: v.optional(v.string()),
  }),
  metrics: v.array(
    v.object({
      precision,
      top1: described(v.number(), 'Percent.'),
      top5: v.optional(v.number()),
      on: v.string(),
      source: v.picklist(['published', 'measured']),
    }),
  ),
  parameters: v.optional(index),
  architecture: described(v.optional(v.string()), 'The network, where Kaiyan built it from its weights.'),
  quantization: described(v.optional(quantizationSchema), 'How INT8 was made from FP32, and how well it agrees.'),
});
export const modelsAnswer = v.object({
  models: v.array(v.object(modelSummary)),
  loaded: described(v.array(modelInMemory), 'What is in memory, also of models that were removed meanwhile.'),
  memory: described(
    v.object({ usedBytes: index, limitBytes: index, limitModels: index }),
    'What they take together, as estimated, what they may take (the setting `modelMemory`), and how many there may be at once (`loadedModels`).',
  ),
});
export const activeModelAnswer = identity;

const labelSet = v.array(
  v.object({
    key: v.string(),
    en: v.string(),
    zh: v.string(),
    members: described(v.array(index), 'Classes, by index.'),
  }),
);
export const labelsAnswer = v.object({
  model: v.string(),
  classes: v.array(v.object({ index, wnid: v.nullable(v.string()), en: v.string(), zh: v.string() })),
  categories: labelSet,
  groups: labelSet,
});

type Frozen<Value> = Value extends object ? { readonly [Key in keyof Value]: Frozen<Value[Key]> } : Value;

/** What a route has to answer with. */
export type AnswerOf<Schema extends v.GenericSchema> = Frozen<v.InferOutput<Schema>>;
