/** The description of the service, made from the schemas that check it: `/api/v1/openapi.json`. */
import swagger from '@fastify/swagger';
import { toJsonSchema } from '@valibot/to-json-schema';
import type { FastifyContextConfig, FastifyInstance, FastifySchema } from 'fastify';
import * as v from 'valibot';
import { type ErrorCode, errorTable } from '../errors.js';
import { version } from '../version.js';
import { classification, refusal } from './contract.js';
import { job, nothing, pathsBody } from './job-contract.js';
import { MODEL_HEADER } from './model-header.js';
import { type RequestHeader, requestHeaders } from './request-headers.js';
import { training } from './training-contract.js';

type JsonSchema = Record<string, unknown>;
/** A body or an answer that is not JSON, or not only, as OpenAPI describes it. */
interface Content {
  readonly content: Readonly<Record<string, JsonSchema>>;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Errors that a route answers with, beside those that all do. */
    readonly errors?: readonly ErrorCode[];
    readonly requestBody?: Content;
    /** Request headers that it understands, beside those that all do. */
    readonly headers?: readonly RequestHeader[];
    /** Whether its answers name the model that gave them. */
    readonly namesModel?: boolean;
    /** The type of its answers, if it is not JSON. */
    readonly produces?: string;
    /** Another type, which may be asked for instead. */
    readonly alsoProduces?: string;
  }
}

const EVERYWHERE: readonly ErrorCode[] = [
  'REQUEST_INVALID',
  'HOST_REFUSED',
  'UPLOAD_TIMEOUT',
  'HEADERS_TOO_LARGE',
  'INTERNAL',
  'CLOSED',
];

/** What is asked of all but those whom a route is open to. */
const NOT_OPEN: readonly ErrorCode[] = ['UNAUTHORIZED', 'RATE_LIMITED'];

/** What can be wrong with a picture, or keep it from its answer. */
export const PICTURE_ERRORS: readonly ErrorCode[] = [
  'IMAGE_MISSING',
  'IMAGE_EMPTY',
  'IMAGE_TOO_LARGE',
  'REQUEST_TOO_LARGE',
  'IMAGE_UNSUPPORTED',
  'MEDIA_TYPE_UNSUPPORTED',
  'HEIC_UNAVAILABLE',
  'IMAGE_CORRUPT',
  'IMAGE_TIMEOUT',
  'MODEL_NOT_FOUND',
  'MODEL_TOO_LARGE',
  'MODELS_BUSY',
  'PRECISION_UNAVAILABLE',
  'ORIGIN_REFUSED',
  'QUEUE_FULL',
  'WORKER_FAILED',
  'DEADLINE_EXCEEDED',
];

const SCHEMAS = { Classification: classification, Job: job, Training: training, Error: refusal };

const ABOUT = `Classifies pictures on this machine. Every error is \`{"error": sentence, "code": CODE}\`; codes stay, sentences may change.
Every answer to a request that could be read has the header \`X-Request-Id\`; one that a client sends (up to 64 letters, digits, \`.\`, \`_\`, \`-\`) is taken over.`;

export async function describeService(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Kaiyan',
        version,
        description: ABOUT,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: [
        { name: 'Classify', description: 'What pictures show.' },
        { name: 'Jobs', description: 'Many pictures, answered in the background.' },
        { name: 'Data sets', description: 'Pictures of your own classes, kept on this machine to be learned.' },
        { name: 'Trainings', description: 'Models of your own classes.' },
        { name: 'Corrections', description: 'What pictures really show, to improve a model with.' },
        { name: 'Models', description: 'What answers, and in which words.' },
        { name: 'Service', description: 'What the service is and accepts. Never behind a key.' },
        { name: 'Health', description: 'Whether the service runs. Never behind a key.' },
      ],
      components: {
        schemas: components(),
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'The setting `apiKey` or `adminToken`.' },
          apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        },
      },
    },
    transform: ({ schema, url, route }) => ({ url, schema: describeRoute(schema ?? {}, route.config ?? {}) }),
  });
  app.get('/api/v1/openapi.json', { config: { access: 'everyone' }, schema: { hide: true } }, () => app.swagger());
}

/** Valibot's schemas as JSON Schema, and what else the route says of itself. */
function describeRoute(schema: FastifySchema, config: FastifyContextConfig): FastifySchema {
  const { querystring, params, body, response, ...rest } = schema as FastifySchema & JsonSchema;
  const answers = Object.entries((response ?? {}) as Record<string, v.GenericSchema>).map(([status, answer]) => [
    status,
    describeAnswer(answer, config),
  ]);
  const open = config.access === 'everyone';
  const errors = [...(config.errors ?? []), ...EVERYWHERE, ...(open ? [] : NOT_OPEN)];
  return {
    ...rest,
    ...(querystring ? { querystring: jsonSchema(querystring) } : {}),
    ...(params ? { params: jsonSchema(params) } : {}),
    ...(config.headers && { headers: describeHeaders(config.headers) }),
    ...(body ? { body: jsonSchema(body) } : {}),
    ...(config.requestBody && { body: config.requestBody }),
    security: open ? [] : [{}, { bearer: [] }, { apiKey: [] }],
    response: { ...Object.fromEntries(answers), ...describeErrors(errors) },
  } as FastifySchema;
}

/** All may be left out. */
const describeHeaders = (names: readonly RequestHeader[]): JsonSchema =>
  jsonSchema(v.object(Object.fromEntries(names.map((name) => [name, v.optional(requestHeaders[name])]))));

function describeAnswer(
  answer: v.GenericSchema,
  { namesModel, produces, alsoProduces }: FastifyContextConfig,
): JsonSchema {
  // @fastify/swagger takes it for JSON otherwise.
  if (answer === nothing) return { type: 'null', description: 'Done; there is nothing to say.' };
  const schema = jsonSchema(answer);
  const description = String(schema.description ?? 'Done.');
  const model = { type: 'string', description: 'The model that answered: `name@version+digest`.' };
  return {
    description,
    ...(namesModel && { headers: { [MODEL_HEADER]: model } }),
    content: {
      [produces ?? 'application/json']: { schema },
      ...(alsoProduces && { [alsoProduces]: { schema: binary } }),
    },
  };
}

/** The errors of a route by their status, each with its codes. */
function describeErrors(codes: readonly ErrorCode[]): JsonSchema {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of new Set(codes)) {
    const { http } = errorTable[code];
    byStatus.set(http, [...(byStatus.get(http) ?? []), code]);
  }
  const schema = { $ref: '#/components/schemas/Error' };
  return Object.fromEntries(
    [...byStatus].map(([status, list]) => [
      status,
      { description: list.join(', '), content: { 'application/json': { schema } } },
    ]),
  );
}

function jsonSchema(schema: unknown): JsonSchema {
  const { $schema, $defs, ...json } = toJsonSchema(schema as v.GenericSchema, {
    ...{ target: 'draft-2020-12', typeMode: 'output', definitions: SCHEMAS, errorMode: 'ignore' },
    overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
  });
  return json as JsonSchema;
}

function components(): Record<string, JsonSchema> {
  return Object.fromEntries(
    Object.entries(SCHEMAS).map(([name, schema]) => {
      const { $schema, ...json } = toJsonSchema(schema, { target: 'draft-2020-12', typeMode: 'output' });
      return [name, json as JsonSchema];
    }),
  );
}

const binary = { type: 'string', format: 'binary' };

/** A form with one picture, or at most so many, in the field `image`. */
export function form(most: number): Content {
  const image = most === 1 ? binary : { type: 'array', items: binary, minItems: 1, maxItems: most };
  const schema = { type: 'object', properties: { image }, required: ['image'] };
  return { content: { 'multipart/form-data': { schema } } };
}

/** Such a form, or a bare picture. */
export function formOrPicture(most: number): Content {
  const bare = Object.fromEntries(['image/*', 'application/octet-stream'].map((type) => [type, { schema: binary }]));
  return { content: { ...form(most).content, ...bare } };
}

/** A form with many pictures, an archive of them, one picture, or paths. */
export function jobBody(most: number): Content {
  const archives = ['application/zip', 'application/x-tar', 'application/gzip'];
  const bodies = Object.fromEntries(archives.map((type) => [type, { schema: binary }]));
  return {
    content: { ...formOrPicture(most).content, ...bodies, 'application/json': { schema: jsonSchema(pathsBody) } },
  };
}
