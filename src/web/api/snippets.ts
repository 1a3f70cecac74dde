/** A call as a developer would write it: for a shell, in Python, in JavaScript. */

/** Stands for the real one, which may be seen by those who stand behind, and be pasted where others read it. */
export const SOME_KEY = 'YOUR_KEY';

interface SnippetFile {
  /** As it is called on the disk. */
  readonly name: string;
  readonly type: string;
}

export type SnippetBody =
  /** Bare, or in a field of a form. */
  | ({ readonly kind: 'file'; readonly field?: string } & SnippetFile)
  /** In one field of a form, one after the other. */
  | { readonly kind: 'files'; readonly field: string; readonly files: readonly SnippetFile[] }
  | { readonly kind: 'json'; readonly value: unknown };

export interface SnippetCall {
  readonly method: string;
  /** Absolute, without the query. */
  readonly url: string;
  /** What is undefined, null or empty is left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | null | undefined>>;
  /** Beside the type of the body, which its kind says. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: SnippetBody | null;
  /**
   * What is done with the answer: shown as JSON (the default), shown line by line as it comes, kept under a name; or there
   * is none but its status.
   */
  readonly answer?: 'json' | 'lines' | 'status' | { readonly file: string };
}

export interface Snippets {
  readonly curl: string;
  /** With the package requests. */
  readonly python: string;
  /** With `fetch`, for Node 20 and newer, as a module. */
  readonly javascript: string;
}

export function snippetsFor(call: SnippetCall): Snippets {
  const plain: PlainCall = {
    method: call.method.toUpperCase(),
    url: call.url,
    query: Object.entries(call.query ?? {}).flatMap(([name, value]) =>
      value === undefined || value === null || value === '' ? [] : [[name, String(value)] as const],
    ),
    headers: Object.entries({ ...call.headers, ...typeOf(call.body) }).filter(([, value]) => value !== ''),
    body: call.body,
    files: filesOf(call.body),
    answer: call.answer ?? 'json',
  };
  return { curl: curlFor(plain), python: pythonFor(plain), javascript: javascriptFor(plain) };
}

type Pairs = readonly (readonly [name: string, value: string])[];

interface PlainCall {
  readonly method: string;
  readonly url: string;
  readonly query: Pairs;
  readonly headers: Pairs;
  readonly body: SnippetBody | null;
  /** Of a form. */
  readonly files: readonly (SnippetFile & { readonly field: string })[];
  readonly answer: NonNullable<SnippetCall['answer']>;
}

function typeOf(body: SnippetBody | null): Record<string, string> {
  if (body?.kind === 'json') return { 'Content-Type': 'application/json' };
  return body?.kind === 'file' && body.field === undefined ? { 'Content-Type': body.type } : {};
}

function filesOf(body: SnippetBody | null): PlainCall['files'] {
  if (body?.kind === 'files') return body.files.map((file) => ({ ...file, field: body.field }));
  if (body?.kind !== 'file' || body.field === undefined) return [];
  return [{ field: body.field, name: body.name, type: body.type }];
}

const isBare = (body: SnippetBody | null) => body?.kind === 'file' && body.field === undefined;

function addressOf({ url, query }: PlainCall): string {
  const search = new URLSearchParams(query.map(([name, value]) => [name, value])).toString();
  return search === '' ? url : `${url}?${search}`;
}

function curlFor(call: PlainCall): string {
  const { method, headers, body, files, answer } = call;
  const options = [
    ...headers.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(body?.kind === 'json' ? [`--data-binary ${quoted(JSON.stringify(body.value))}`] : []),
    ...(body?.kind === 'file' && isBare(body) ? [`--data-binary ${quoted(`@${body.name}`)}`] : []),
    ...files.map(({ field, name, type }) => `-F ${quoted(`${field}=@"${escaped(name)}";type=${type}`)}`),
    ...(typeof answer === 'object' ? [`-o ${quoted(answer.file)}`] : []),
  ];
  const option = answer === 'lines' ? ['-N'] : answer === 'status' ? ['-i'] : [];
  const start = ['curl', ...option, ...(method === 'GET' ? [] : ['-X', method])];
  return [[...start, quoted(addressOf(call))].join(' '), ...options].join(' \\\n  ');
}

/** Between single quotes a shell takes everything as it is, but for the quote itself. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** As curl reads a name in its own double quotes. */
const escaped = (name: string): string => name.replace(/["\\]/g, '\\$&');

function pythonFor({ method, url, query, headers, body, files, answer }: PlainCall): string {
  const file = ({ field, name, type }: PlainCall['files'][number]) =>
    `        (${text(field)}, (${text(name)}, open(${text(name)}, "rb"), ${text(type)})),\n`;
  const json = body?.kind === 'json';
  // The type of JSON is added by requests itself.
  const named = json ? headers.filter(([name]) => name !== 'Content-Type') : headers;
  const given = [
    text(url),
    ...(query.length > 0 ? [`params=${dictionary(query)}`] : []),
    ...(named.length > 0 ? [`headers=${dictionary(named)}`] : []),
    ...(json ? [`json=${pythonValue(body.value, '    ')}`] : []),
    ...(body?.kind === 'file' && isBare(body) ? [`data=open(${text(body.name)}, "rb")`] : []),
    ...(files.length > 0 ? [`files=[\n${files.map(file).join('')}    ]`] : []),
    ...(answer === 'lines' ? ['stream=True'] : []),
  ];
  const [address] = given;
  const call = given.length === 1 ? String(address) : `\n${given.map((one) => `    ${one},\n`).join('')}`;
  return [
    'import requests',
    '',
    `response = requests.${method.toLowerCase()}(${call})`,
    'response.raise_for_status()',
    ...pythonAnswer(answer),
  ].join('\n');
}

function pythonAnswer(answer: PlainCall['answer']): readonly string[] {
  if (answer === 'json') return ['print(response.json())'];
  if (answer === 'status') return ['print(response.status_code)'];
  if (answer === 'lines') return ['for line in response.iter_lines():', '    print(line.decode())'];
  return [`with open(${text(answer.file)}, "wb") as file:`, '    file.write(response.content)'];
}

/** A string, as JSON, Python and JavaScript all write it. */
const text = (value: string): string => JSON.stringify(value);

const dictionary = (pairs: Pairs): string =>
  `{${pairs.map(([name, value]) => `${text(name)}: ${text(value)}`).join(', ')}}`;

function pythonValue(value: unknown, indent: string): string {
  const inner = `${indent}    `;
  const block = (open: string, parts: readonly string[], close: string) =>
    parts.length === 0
      ? open + close
      : `${open}\n${parts.map((part) => `${inner}${part},\n`).join('')}${indent}${close}`;
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) {
    const parts = value.map((one) => pythonValue(one, inner));
    return block('[', parts, ']');
  }
  if (typeof value !== 'object') return JSON.stringify(value);
  const parts = Object.entries(value).map(([name, one]) => `${text(name)}: ${pythonValue(one, inner)}`);
  return block('{', parts, '}');
}

function javascriptFor(call: PlainCall): string {
  const { method, headers, body, files, answer } = call;
  const form = files.flatMap(({ field, name, type }) => {
    const bytes = `new Blob([await readFile(${text(name)})], { type: ${text(type)} })`;
    return [`form.append(${text(field)}, ${bytes}, ${text(name)});`];
  });
  const options = [
    ...(method === 'GET' ? [] : [`method: ${text(method)}`]),
    ...(headers.length > 0
      ? [`headers: { ${headers.map(([name, value]) => `${text(name)}: ${text(value)}`).join(', ')} }`]
      : []),
    ...(body?.kind === 'json' ? [`body: JSON.stringify(${indented(JSON.stringify(body.value, null, 2))})`] : []),
    ...(body?.kind === 'file' && isBare(body) ? [`body: await readFile(${text(body.name)})`] : []),
    ...(form.length > 0 ? ['body: form'] : []),
  ];
  const given = options.length === 0 ? '' : `, {\n${options.map((one) => `  ${one},\n`).join('')}}`;
  const fromDisk = [
    ...(isBare(body) || form.length > 0 ? ['readFile'] : []),
    ...(typeof answer === 'object' ? ['writeFile'] : []),
  ];
  return [
    ...(fromDisk.length > 0 ? [`import { ${fromDisk.join(', ')} } from "node:fs/promises";`, ''] : []),
    ...(form.length > 0 ? ['const form = new FormData();', ...form] : []),
    `const response = await fetch(${text(addressOf(call))}${given});`,
    'if (!response.ok) throw new Error(await response.text());',
    ...javascriptAnswer(answer),
  ].join('\n');
}

function javascriptAnswer(answer: PlainCall['answer']): readonly string[] {
  if (answer === 'json') return ['console.log(await response.json());'];
  if (answer === 'status') return ['console.log(response.status);'];
  if (typeof answer === 'object') return [`await writeFile(${text(answer.file)}, response.body);`];
  return ['for await (const bytes of response.body) process.stdout.write(bytes);'];
}

const indented = (lines: string): string => lines.replaceAll('\n', '\n  ');
