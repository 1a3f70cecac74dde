/**
 * The few requests to an S3-compatible bucket that pictures need. Signed by aws4fetch and sent by undici, which goes to the
 * endpoint and nowhere else: no redirect is followed.
 */
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsV4Signer } from 'aws4fetch';
import { Agent } from 'undici';
import { AppError } from '../../errors.js';
import { sha256Of } from '../../hashes.js';

export interface BucketOptions {
  /**
   * `https://HOST`, with the bucket as the first part of each path; or with `{bucket}` in the host, where it has to be there
   * (Alibaba Cloud OSS, for one). Empty for Amazon S3.
   */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** After the first failed attempt; it doubles with each. */
  readonly pauseMs?: number;
  /** For how long nothing may come. */
  readonly stallMs?: number;
}

interface BucketContent {
  readonly bytes: number;
  readonly sha256: string;
  /** The content, anew for each attempt. */
  readonly open: () => Uint8Array | Readable;
}

interface BucketListing {
  readonly keys: readonly string[];
  /** With a slash at the end; only those of which something is deeper. */
  readonly folders: readonly string[];
}

/** All throw AppError PICTURES_UNAVAILABLE. */
export interface BucketClient {
  readonly put: (key: string, content: BucketContent) => Promise<void>;
  /** Undefined if there is none. */
  readonly get: (key: string) => Promise<Buffer | undefined>;
  /** One that is missing is no error. */
  readonly delete: (key: string) => Promise<void>;
  /** Page by page; with `shallow`, what is deeper is listed by its folder. */
  readonly list: (prefix: string, shallow?: boolean) => AsyncGenerator<BucketListing>;
}

const ATTEMPTS = 5;
const PAUSE_MS = 200;
const STALL_MS = 30_000;
const CONNECTIONS = 16;
const EMPTY_SHA256 = sha256Of('');

interface Attempt {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly content?: BucketContent;
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

interface Failure {
  readonly problem: AppError;
  readonly mayPass: boolean;
}

/** @throws AppError SETTING_INVALID */
export function createBucketClient(options: BucketOptions): BucketClient {
  const { region, bucket, accessKeyId, secretAccessKey, pauseMs = PAUSE_MS, stallMs = STALL_MS } = options;
  const base = baseOf(options);
  const agent = new Agent({
    connections: CONNECTIONS,
    connect: { timeout: stallMs },
    headersTimeout: stallMs,
    bodyTimeout: stallMs,
  });
  const unavailable = (reason: string, cause?: unknown) =>
    new AppError('PICTURES_UNAVAILABLE', { place: `s3://${bucket} at ${base.origin}`, reason }, { cause });
  const unexpected = ({ status, body }: Answer) =>
    unavailable(`it answered ${status} (${codeIn(body) ?? 'without a word'})`);

  /** Answers other than 2xx and 404 do not come out of it. */
  async function request(attempt: Attempt): Promise<Answer> {
    for (let failures = 1; ; failures++) {
      const outcome = await tryOnce(attempt);
      if ('status' in outcome) return outcome;
      if (!outcome.mayPass || failures >= ATTEMPTS) throw outcome.problem;
      await sleep(pauseMs * 2 ** (failures - 1) * (0.5 + Math.random()));
    }
  }

  async function tryOnce(attempt: Attempt): Promise<Answer | Failure> {
    try {
      const answer = await send(attempt);
      return isFinal(answer) ? answer : { problem: unexpected(answer), mayPass: isPassing(answer.status) };
    } catch (thrown) {
      const { code, message } = thrown as NodeJS.ErrnoException;
      return { problem: unavailable(`there was no answer (${code ?? message})`, thrown), mayPass: true };
    }
  }

  async function send({ method, key, query = {}, content }: Attempt): Promise<Answer> {
    const url = new URL(base);
    url.pathname += key;
    url.search = new URLSearchParams(query).toString();
    const signed = await new AwsV4Signer({
      method,
      url: url.href,
      headers: { 'x-amz-content-sha256': content?.sha256 ?? EMPTY_SHA256 },
      accessKeyId,
      secretAccessKey,
      service: 's3',
      region,
    }).sign();
    const response = await agent.request({
      method,
      origin: url.origin,
      path: url.pathname + url.search,
      headers: { ...Object.fromEntries(signed.headers), ...(content && { 'content-length': `${content.bytes}` }) },
      body: content?.bytes ? content.open() : null,
    });
    return { status: response.statusCode, body: Buffer.from(await response.body.arrayBuffer()) };
  }

  async function put(key: string, content: BucketContent): Promise<void> {
    const answer = await request({ method: 'PUT', key, content });
    if (answer.status === 404) throw unexpected(answer);
  }

  async function get(key: string): Promise<Buffer | undefined> {
    const { status, body } = await request({ method: 'GET', key });
    return status === 404 ? undefined : body;
  }

  async function remove(key: string): Promise<void> {
    await request({ method: 'DELETE', key });
  }

  async function* list(prefix: string, shallow = false): AsyncGenerator<BucketListing> {
    let token: string | undefined;
    do {
      const query = {
        'list-type': '2',
        prefix,
        ...(shallow && { delimiter: '/' }),
        ...(token && { 'continuation-token': token }),
      };
      const answer = await request({ method: 'GET', key: '', query });
      if (answer.status === 404) throw unexpected(answer);
      const xml = answer.body.toString();
      yield {
        keys: valuesOf(xml, 'Key'),
        folders: valuesOf(xml, 'CommonPrefixes').flatMap((each) => valuesOf(each, 'Prefix')),
      };
      [token] = valuesOf(xml, 'NextContinuationToken');
    } while (token);
  }

  return { put, get, delete: remove, list };
}

/** @throws AppError SETTING_INVALID */
function parseBase(endpoint: string): URL {
  if (/^https?:/i.test(endpoint) && URL.canParse(endpoint)) return new URL(endpoint);
  const expected = 'an address such as https://minio.example.org:9000';
  throw new AppError('SETTING_INVALID', {
    setting: 's3Endpoint',
    source: 'its value',
    expected,
    found: `"${endpoint}"`,
  });
}

/** Ends with a slash. Amazon's certificates do not have names with dots in the place of the bucket. */
function baseOf({ endpoint, region, bucket }: BucketOptions): URL {
  const amazon = bucket.includes('.')
    ? `https://s3.${region}.amazonaws.com`
    : `https://{bucket}.s3.${region}.amazonaws.com`;
  const given = endpoint || amazon;
  const base = parseBase(given.replace('{bucket}', bucket));
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  if (!given.includes('{bucket}')) base.pathname += `${bucket}/`;
  return base;
}

/** That an object is missing is an answer; that the bucket is, is not. */
const isFinal = ({ status, body }: Answer) => status < 300 || (status === 404 && codeIn(body) !== 'NoSuchBucket');
const isPassing = (status: number) => status >= 500 || status === 429 || status === 408;

const codeIn = (body: Buffer): string | undefined => valuesOf(body.toString(), 'Code')[0];

/** The few elements that matter have neither attributes nor others of their name in them. */
function valuesOf(xml: string, element: string): string[] {
  const found = xml.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, 'gs'));
  return Array.from(found, ([, value = '']) =>
    value.replace(/&(amp|lt|gt|quot|apos);/g, (_, name) => entities[name] ?? ''),
  );
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
