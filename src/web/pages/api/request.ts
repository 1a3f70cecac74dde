/** A request as it was filled in: to be sent, or to be shown as a snippet. */
import type { SnippetBody, SnippetCall } from '../../api/snippets.ts';
import { answerTypeOf, type Operation, type Parameter } from './openapi.ts';

/** The body that was filled in. */
export interface Draft {
  /** The media type that was chosen among those that the call takes; empty if it takes none. */
  readonly type: string;
  readonly files: readonly File[];
  /** JSON, as it was typed. */
  readonly text: string;
}

/** What was filled in for the parameters, by their names; empty for nothing. */
export type Values = Readonly<Record<string, string>>;

export const FORM = 'multipart/form-data';
export const JSON_TYPE = 'application/json';

/** What stands for a file that has not been chosen yet. */
const SOME_FILE = { name: 'picture.jpg', type: 'image/jpeg' };

const parametersIn = (operation: Operation, place: Parameter['in'], values: Values) =>
  (operation.parameters ?? [])
    .filter((parameter) => parameter.in === place)
    .flatMap(({ name }) => (values[name] ? [[name, values[name]] as const] : []));

/** Relative to the page, without the query; what is not filled in stays in braces. */
export const pathOf = (operation: Operation, values: Values): string =>
  operation.path
    .slice(1)
    .replace(/\{(\w+)\}/g, (place, name: string) => (values[name] ? encodeURIComponent(values[name]) : place));

export const queryOf = (operation: Operation, values: Values): Readonly<Record<string, string>> =>
  Object.fromEntries(parametersIn(operation, 'query', values));

const headersOf = (operation: Operation, values: Values): Readonly<Record<string, string>> =>
  Object.fromEntries(parametersIn(operation, 'header', values));

/** The field of a form that takes pictures, and whether it takes several. */
export function fileFieldOf(operation: Operation): { readonly name: string; readonly several: boolean } {
  const { properties = {} } = operation.requestBody?.content[FORM]?.schema ?? {};
  const [name = 'image', field] = Object.entries(properties)[0] ?? [];
  return { name, several: field?.type === 'array' };
}

/** The type of a bare file: its own where the call takes any picture, else the one that the call wants. */
const fileTypeOf = (file: { readonly type: string }, { type }: Draft): string =>
  type.endsWith('/*') ? file.type || 'application/octet-stream' : type;

interface PlainRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: BodyInit;
}

/** What is sent, but for the key. */
export function requestOf(operation: Operation, values: Values, draft: Draft): PlainRequest {
  const headers = headersOf(operation, values);
  const [file] = draft.files;
  if (draft.type === JSON_TYPE) return { headers: { ...headers, 'Content-Type': JSON_TYPE }, body: draft.text };
  if (draft.type === FORM) {
    const form = new FormData();
    const { name } = fileFieldOf(operation);
    for (const one of draft.files) form.append(name, one);
    return { headers, body: form };
  }
  if (draft.type === '' || !file) return { headers };
  return { headers: { ...headers, 'Content-Type': fileTypeOf(file, draft) }, body: file };
}

/** The names of what has to be filled in before it can be sent; undefined for the body. */
export function missingIn(
  { parameters = [] }: Operation,
  values: Values,
  draft: Draft,
): readonly (string | undefined)[] {
  const names = parameters.filter(({ required, name }) => required && !values[name]).map(({ name }) => name);
  const wantsFile = draft.type !== '' && draft.type !== JSON_TYPE && draft.files.length === 0;
  return wantsFile ? [...names, undefined] : names;
}

interface SnippetOptions {
  /** Absolute, with a slash at its end. */
  readonly base: string;
  /** Sent for what the reader will put there. */
  readonly key: string | undefined;
}

export function snippetCallOf(
  operation: Operation,
  values: Values,
  draft: Draft,
  { base, key }: SnippetOptions,
): SnippetCall {
  return {
    method: operation.method,
    url: base + pathOf(operation, values),
    query: queryOf(operation, values),
    headers: { ...headersOf(operation, values), ...(key && { Authorization: `Bearer ${key}` }) },
    body: snippetBodyOf(operation, draft),
    answer: snippetAnswerOf(operation),
  };
}

function snippetBodyOf(operation: Operation, draft: Draft): SnippetBody | null {
  if (draft.type === '') return null;
  if (draft.type === JSON_TYPE) return { kind: 'json', value: parsed(draft.text) };
  const files = draft.files.length > 0 ? draft.files : [SOME_FILE];
  const [{ name, type } = SOME_FILE] = files;
  if (draft.type !== FORM) return { kind: 'file', name, type: fileTypeOf({ type }, draft) };
  const { name: field } = fileFieldOf(operation);
  if (files.length === 1) return { kind: 'file', field, name, type };
  return { kind: 'files', field, files: files.map((file) => ({ name: file.name, type: file.type })) };
}

/** What cannot be read yet is left empty. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function snippetAnswerOf(operation: Operation): NonNullable<SnippetCall['answer']> {
  const type = answerTypeOf(operation);
  if (type === JSON_TYPE) return 'json';
  if (type === undefined) return 'status';
  if (['text/plain', 'text/event-stream'].includes(type)) return 'lines';
  const name = operation.path.split('/').at(-1) ?? '';
  return { file: name.includes('.') ? name : `answer.${type.split('/').at(-1)}` };
}
