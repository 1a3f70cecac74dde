/** Which models there are, what they are, and which one answers: `/api/v1/models`; their words: `/api/v1/labels`. */
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { InferOutput } from 'valibot';
import type { LabelSet } from '../../labels/label-set.js';
import { type Bundle, digestOf, modelFile } from '../../models/bundle.js';
import { archiveModel } from '../../models/export/archive.js';
import { memoryLimit } from '../../serving/memory.js';
import type { Promoter } from '../../serving/promoting.js';
import type { Serving } from '../../serving/serving.js';
import {
  type AnswerOf,
  activeModelAnswer,
  activeModelBody,
  labelsAnswer,
  labelsQuery,
  modelAnswer,
  modelsAnswer,
  nameParams,
} from '../contract.js';
import { text } from '../job-contract.js';
import { withJsonBody } from '../json-body.js';
import { nameModel } from '../model-header.js';

export async function modelRoutes(app: FastifyInstance, serving: Serving, promoter: Promoter): Promise<void> {
  const { registry } = serving;
  const written = new WeakMap<LabelSet, string>();

  app.get<{ Reply: AnswerOf<typeof modelsAnswer> }>(
    '/api/v1/models',
    {
      schema: {
        operationId: 'listModels',
        summary: 'All models that are installed, in all their versions, and what is in memory.',
        tags: ['Models'],
        response: { 200: modelsAnswer },
      },
    },
    async () => {
      // A model that is broken does not hide the others; whoever asks for it is told.
      const opened = await Promise.allSettled(
        (await registry.names()).map(async (reference) => summaryOf(reference, await registry.open(reference))),
      );
      const loaded = serving.loaded();
      return {
        models: opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
        loaded: loaded.map(({ lastUsed, ...model }) => ({ ...model, lastUsed: lastUsed?.toISOString() ?? null })),
        memory: {
          usedBytes: loaded.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
          limitBytes: memoryLimit(serving.settings),
          limitModels: serving.settings.loadedModels,
        },
      };
    },
  );

  app.get<{ Params: InferOutput<typeof nameParams>; Reply: AnswerOf<typeof modelAnswer> }>(
    '/api/v1/models/:name',
    {
      config: { errors: ['MODEL_NOT_FOUND'] },
      schema: {
        operationId: 'showModel',
        summary: 'One model: where it comes from, how good it is.',
        tags: ['Models'],
        params: nameParams,
        response: { 200: modelAnswer },
      },
    },
    async ({ params }) => {
      const { reference } = await registry.locate(params.name);
      const bundle = await registry.open(params.name);
      const { source, metrics, parameters, architecture, quantization } = bundle.manifest;
      return {
        ...summaryOf(reference, bundle),
        source,
        metrics,
        ...(parameters && { parameters }),
        ...(architecture && { architecture }),
        ...(quantization && { quantization }),
      };
    },
  );

  app.get<{ Params: InferOutput<typeof nameParams> }>(
    '/api/v1/models/:name/archive',
    {
      config: { errors: ['MODEL_NOT_FOUND'], produces: 'application/zip', streams: true },
      schema: {
        operationId: 'downloadModel',
        summary: 'One model with all its files, as a zip archive.',
        description: 'To be unpacked in the folder `models` of another data directory.',
        tags: ['Models'],
        params: nameParams,
        response: { 200: text },
      },
    },
    async ({ method, params }, reply) => {
      const { name, bytes, stream } = await archiveModel(await registry.locate(params.name));
      reply.headers({ 'Content-Disposition': `attachment; filename="${name}"`, 'Content-Length': bytes });
      reply.type('application/zip');
      // Fastify would read the whole answer to a HEAD request, to no purpose.
      if (method === 'HEAD') stream.destroy();
      return reply.send(method === 'HEAD' ? Readable.from([]) : stream);
    },
  );

  app.get<{ Querystring: InferOutput<typeof labelsQuery>; Reply: string }>(
    '/api/v1/labels',
    {
      config: { errors: ['MODEL_NOT_FOUND'] },
      schema: {
        operationId: 'listLabels',
        summary: 'The classes, categories and groups that answers are made of, in both languages.',
        tags: ['Models'],
        querystring: labelsQuery,
        response: { 200: labelsAnswer },
      },
    },
    async ({ query }, reply) => {
      const { labels, manifest } =
        query.model === undefined ? serving.activeBundle() : await registry.open(query.model);
      // A thousand classes take milliseconds to write, for which everyone else would wait.
      let words = written.get(labels);
      if (words === undefined) {
        words = writeLabels(labels);
        written.set(labels, words);
      }
      reply.type('application/json; charset=utf-8').serializer(String);
      return `{"model":${JSON.stringify(manifest.name)},${words}`;
    },
  );

  await withJsonBody(app, (managed) => {
    managed.put<{ Body: InferOutput<typeof activeModelBody>; Reply: AnswerOf<typeof activeModelAnswer> }>(
      '/api/v1/models/active',
      {
        config: {
          access: 'manager',
          namesModel: true,
          errors: [
            'MODEL_NOT_FOUND',
            'PRECISION_UNAVAILABLE',
            'MODEL_TOO_LARGE',
            'ACTIVATION_FAILED',
            'MANAGEMENT_REFUSED',
            'ORIGIN_REFUSED',
          ],
        },
        schema: {
          operationId: 'activateModel',
          summary: 'Loads a model, checks it, and lets it answer when none is named. Requests in work keep theirs.',
          description: 'Until the service ends. It is recorded, and can be taken back, as a promotion can.',
          tags: ['Models'],
          body: activeModelBody,
          response: { 200: activeModelAnswer },
        },
      },
      async ({ body }, reply) => {
        const identity = await promoter.activate(body);
        nameModel(reply, identity);
        return identity;
      },
    );
  });

  function summaryOf(reference: string, bundle: Bundle) {
    const { name, version, license, input, files, source } = bundle.manifest;
    const loaded = serving.loaded().filter((model) => model.name === name && model.version === version);
    return {
      name,
      version,
      reference,
      license,
      ...(source.model !== undefined && { trainedFrom: source.model }),
      input: { width: input.width, height: input.height },
      classes: bundle.labels.classes.length,
      files: files.map(({ precision, bytes }) => ({
        precision,
        bytes,
        digest: digestOf(modelFile(bundle, precision)),
      })),
      active: loaded.some(({ active }) => active),
      loaded: [...new Set(loaded.map(({ precision }) => precision))],
    };
  }
}

/** The answer of /api/v1/labels after the name of its model. */
function writeLabels({ classes, categories, groups }: LabelSet): string {
  const words: Omit<AnswerOf<typeof labelsAnswer>, 'model'> = {
    classes: classes.map(([wnid, en, zh], index) => ({ index, wnid, en, zh })),
    categories,
    groups,
  };
  return JSON.stringify(words).slice(1);
}
