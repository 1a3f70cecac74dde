/**
 * Settings: flags over `KAIYAN_*` variables over `kaiyan.config.json` over the model that was chosen for the data directory
 * over defaults, each with its source.
 * The only module that reads the environment.
 */
import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as v from 'valibot';
import { type ChosenModel, chosenModelFile, readChosenModel } from './chosen-model.js';
import { AppError } from './errors.js';
import { describeIssue } from './validation.js';

const text = v.pipe(v.string('text'), v.minLength(1, 'text that is not empty'));
const whole = (least: number) => {
  const expected = `a whole number of at least ${least}`;
  return v.pipe(v.number(expected), v.integer(expected), v.minValue(least, expected));
};
const count = whole(1);
const countOrZero = whole(0);
const crewSize = v.pipe(countOrZero, v.maxValue(256, 'at most 256'));
const share = 'a number from 0 to 1';
const fraction = v.pipe(v.number(share), v.minValue(0, share), v.maxValue(1, share));
const oneOf = <const Options extends readonly string[]>(...options: Options) =>
  v.picklist(options, `one of ${options.join(', ')}`);

/** In a variable or a flag, names with commas between them will do. */
const list = v.union(
  [
    v.array(text),
    v.pipe(
      v.string(),
      v.transform((names) => names.split(',').map((name) => name.trim())),
      v.array(text),
    ),
  ],
  'a list of names',
);
const secret = v.string('text');
const seconds = v.pipe(countOrZero, v.maxValue(3600, 'at most 3600'));

const rule = v.pipe(
  v.strictObject({
    name: text,
    category: v.optional(text),
    group: v.optional(text),
    classes: v.optional(v.pipe(v.array(text), v.minLength(1))),
    minProbability: fraction,
  }),
  v.check(
    ({ category, group, classes }) => [category, group, classes].some((choice) => choice !== undefined),
    'a rule with a category, a group or classes',
  ),
);

/** A user without HOME and without an entry in the list of users has no home folder, and asking for it throws. */
function homeFolder(): string | undefined {
  try {
    return os.homedir();
  } catch {
    return undefined;
  }
}

function dataFolder(): string {
  const home = homeFolder();
  return home === undefined ? path.join(os.tmpdir(), 'kaiyan') : path.join(home, '.kaiyan');
}

export interface Setting<Schema extends v.GenericSchema = v.GenericSchema> {
  readonly schema: Schema;
  readonly fallback: v.InferInput<Schema>;
  readonly about: string;
  readonly secret?: boolean;
}

const setting = <Schema extends v.GenericSchema>(
  schema: Schema,
  fallback: NoInfer<v.InferInput<Schema>>,
  about: string,
  more: Pick<Setting, 'secret'> = {},
): Setting<Schema> => ({ schema, fallback, about, ...more });

/** Every setting: what it may be, what it is by default, and what it is for. */
export const settingsTable = {
  home: setting(text, dataFolder(), 'Data directory: models of your own, and measurements of this machine.'),
  model: setting(text, 'efficientnet-lite0', 'Model that answers.'),
  precision: setting(
    oneOf('auto', 'int8', 'fp32'),
    'auto',
    'Arithmetic of the model; auto takes what is faster on this machine and agrees.',
  ),
  lang: setting(oneOf('en', 'zh'), 'en', 'Language of labels.'),
  top: setting(count, 3, 'Predictions in an answer.'),
  threshold: setting(
    fraction,
    0.7,
    'Probability from which a class or a group is named; below it the answer is "not sure".',
  ),
  rules: setting(
    v.array(rule, 'a list of rules'),
    [],
    'Flags to raise, each by a category, a group or classes and a minimum probability.',
  ),
  workers: setting(crewSize, 0, 'Inference workers, up to 256; 0 chooses one per core, at most 8.'),
  threads: setting(crewSize, 0, 'Threads of each worker, up to 256; 0 shares the cores among the workers.'),
  queueRequests: setting(
    countOrZero,
    0,
    'Pictures in hand at once; one more is refused. 0 takes what this machine answers in 1.3 s, at least 64.',
  ),
  queueBytes: setting(count, 256_000_000, 'Bytes of pictures held at once, arriving ones too.'),
  deadlineMs: setting(count, 30_000, 'Time for an answer in milliseconds, waiting included.'),
  maxBytes: setting(count, 20_000_000, 'Largest picture file in bytes.'),
  maxPixels: setting(count, 50_000_000, 'Largest picture in pixels.'),
  maxPixelsInFlight: setting(count, 64_000_000, 'Decoded pixels held at once; bounds the memory that pictures take.'),
  decodeTimeoutSeconds: setting(
    v.pipe(count, v.maxValue(3600, 'at most 3600')),
    20,
    'Time to decode one picture in seconds.',
  ),
  iccProfiles: setting(
    oneOf('ignore', 'apply'),
    'ignore',
    'Embedded colour profiles: ignored, as in training, or applied.',
  ),
  shrinkOnLoad: setting(
    v.boolean('true or false'),
    false,
    'Reduce large pictures while decoding: JPEGs are faster, none exact.',
  ),
  host: setting(text, '127.0.0.1', 'Address that the service listens on.'),
  port: setting(
    v.pipe(countOrZero, v.maxValue(65_535, 'at most 65535')),
    5000,
    'Port that the service listens on; 0 takes a free one.',
  ),
  https: setting(
    v.boolean('true or false'),
    false,
    'Speak HTTPS, with a certificate of its own unless tlsCert is set; phones need it for the camera.',
  ),
  tlsCert: setting(
    v.string('text'),
    '',
    'File of a certificate for HTTPS, in PEM, with those that vouch for it after it; implies https.',
  ),
  tlsKey: setting(v.string('text'), '', 'File of the key of that certificate, in PEM.'),
  uploadTimeoutSeconds: setting(
    v.pipe(count, v.maxValue(3600, 'at most 3600')),
    30,
    'Seconds for a request to arrive at the service, and then for its answer to be taken.',
  ),
  maxRequestBytes: setting(count, 100_000_000, 'Largest request in bytes, with all its pictures.'),
  maxConnections: setting(count, 1000, 'Connections to the service at once; more are closed.'),
  loadedModels: setting(
    v.pipe(count, v.maxValue(64, 'at most 64')),
    3,
    'Models that the service holds in memory at once, each in each precision; the one used longest ago goes first.',
  ),
  modelMemory: setting(
    countOrZero,
    0,
    "Bytes of memory that the service's models may take, as estimated; 0 takes a quarter of this machine's or container's.",
  ),
  drainSeconds: setting(
    seconds,
    0,
    'Time that the service goes on after it was asked to end, while /readyz says so to those who send it requests.',
  ),
  shutdownSeconds: setting(
    seconds,
    8,
    'Time for accepted requests to be answered when the service ends; then their connections are cut.',
  ),
  apiKey: setting(secret, '', 'Key that every call has to have; empty for none.', { secret: true }),
  adminToken: setting(
    secret,
    '',
    'Key for calls that manage the service; empty allows them without one where only this machine is listened to, and nowhere else.',
    { secret: true },
  ),
  allowedHosts: setting(
    list,
    [],
    'Names by which the service may be called beside those of this machine, such as that of a proxy; * for any.',
  ),
  corsOrigins: setting(list, [], 'Origins whose pages may call the service, such as https://example.org; * for any.'),
  rateLimit: setting(countOrZero, 0, 'Calls a minute from one address, those with a wrong key too; 0 for any number.'),
  trustedProxies: setting(list, [], 'Addresses or networks of proxies whose X-Forwarded-For says who calls.'),
  queue: setting(
    secret,
    '',
    'Where the books of jobs are: empty for a file in the data directory, or redis://HOST:PORT for several machines.',
    { secret: true },
  ),
  jobPictures: setting(
    v.string('text'),
    '',
    'Where the pictures of jobs wait: a folder, or s3://BUCKET/PREFIX; empty for the data directory.',
  ),
  s3Endpoint: setting(v.string('text'), '', 'Address of the service that has the bucket; empty for Amazon S3.'),
  s3Region: setting(text, 'us-east-1', 'Region of the bucket.'),
  s3AccessKeyId: setting(secret, '', 'Key id for the bucket.', { secret: true }),
  s3SecretAccessKey: setting(secret, '', 'Secret key for the bucket.', { secret: true }),
  runJobs: setting(
    v.boolean('true or false'),
    true,
    'Whether the service works on jobs itself; without it, that is left to "kaiyan worker" elsewhere.',
  ),
  jobConcurrency: setting(crewSize, 0, 'Pictures of jobs in work at once; 0 takes what keeps the workers busy.'),
  jobDays: setting(
    v.pipe(count, v.maxValue(3650, 'at most 3650')),
    7,
    'Days after which a job expires with its results, thumbnails and pictures that failed.',
  ),
  jobBytes: setting(count, 20_000_000_000, 'Bytes of pictures and thumbnails kept for jobs at once.'),
  jobFolders: setting(list, [], 'Folders whose pictures may be named by their paths in a job.'),
  maxJobPictures: setting(count, 10_000, 'Pictures sent in one job.'),
  maxJobBytes: setting(count, 10_000_000_000, 'Largest request for a job in bytes, with all its pictures.'),
  datasetBytes: setting(count, 10_000_000_000, 'Bytes of pictures kept in the data sets of the service.'),
  reuseAnswers: setting(
    v.boolean('true or false'),
    true,
    'Whether jobs take over what another one found for the same picture, model and options.',
  ),
  webhookSecret: setting(secret, '', 'Key that signs what webhooks are told; empty allows no webhooks.', {
    secret: true,
  }),
  webhookHosts: setting(
    list,
    [],
    'Hosts that webhooks may call although they are on a private network, as names or addresses.',
  ),
  correctionBytes: setting(count, 1_000_000_000, 'Bytes of corrected pictures that are kept to learn from.'),
  logLevel: setting(
    oneOf('debug', 'info', 'warn', 'error', 'silent'),
    'info',
    'What the service logs to stderr: requests from info on, failures from error on.',
  ),
  logFormat: setting(
    oneOf('auto', 'text', 'json'),
    'auto',
    'How it logs: auto is text on a terminal, and JSON elsewhere.',
  ),
} as const satisfies Record<string, Setting<v.GenericSchema>>;

export type SettingKey = keyof typeof settingsTable;
export type Settings = { readonly [Key in SettingKey]: v.InferOutput<(typeof settingsTable)[Key]['schema']> };
export const settingKeys = Object.keys(settingsTable) as SettingKey[];

export interface Configuration {
  readonly settings: Settings;
  /** Where each value came from: `default`, the path of a file, the name of a variable, or a flag. */
  readonly sources: Readonly<Record<SettingKey, string>>;
  /** What was chosen for the data directory, whether a setting goes before it or not. */
  readonly chosen: ChosenModel | undefined;
  /** What does not stop Kaiyan but should be known, such as `KAIYAN_*` variables that mean nothing. */
  readonly warnings: readonly string[];
}

export interface ConfigurationInput {
  /** Values from the command line, already typed; undefined ones are not given. */
  readonly flags?: Readonly<Record<string, unknown>>;
  /** Instead of `kaiyan.config.json` in the working directory; empty for none. */
  readonly file?: string | undefined;
  readonly environment?: NodeJS.ProcessEnv;
}

/** The source of a value that nobody gave. */
const DEFAULT = 'default';
const DEFAULT_FILE = 'kaiyan.config.json';
const CONFIG_VARIABLE = 'KAIYAN_CONFIG';

/** `maxPixels` is `KAIYAN_MAX_PIXELS`. */
export const variableOf = (key: string): string =>
  `KAIYAN_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
/** `maxPixels` is `--max-pixels`. */
export const flagOf = (key: string): string => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** @throws AppError SETTING_INVALID, FILE_UNREADABLE */
export function loadConfiguration({
  flags = {},
  file,
  environment = process.env,
}: ConfigurationInput = {}): Configuration {
  const { name, content } = readConfigurationFile(file ?? (environment[CONFIG_VARIABLE] || undefined));
  const values = settingKeys.map((key) => [key, chooseValue(key, flags, environment, content, name)] as const);
  const given = Object.fromEntries(values.map(([key, { value }]) => [key, value])) as Settings;
  const defaults = Object.fromEntries(values.map(([key, { source }]) => [key, source])) as Configuration['sources'];
  const warnings = unknownVariables(environment);
  const chosen = chosenOrWarned(given.home, warnings);
  const recorded = recordedFor(chosen, (key) => defaults[key] !== DEFAULT);
  const settings = { ...given, ...recorded };
  const source = chosenModelFile(given.home);
  const sources = { ...defaults, ...Object.fromEntries(Object.keys(recorded).map((key) => [key, source])) };
  return { settings, sources, chosen, warnings };
}

/** What was chosen, where no setting names a model: a precision was chosen for that model alone. */
function recordedFor(
  chosen: ChosenModel | undefined,
  isGiven: (key: SettingKey) => boolean,
): Partial<Pick<Settings, 'model' | 'precision'>> {
  if (isGiven('model')) return {};
  const { model, precision } = chosen ?? {};
  return { ...(model && { model }), ...(precision && !isGiven('precision') && { precision }) };
}

/** A choice that cannot be read has to be made again, with a command that would not run if this were an error for it. */
function chosenOrWarned(home: string, warnings: string[]): ChosenModel | undefined {
  try {
    return readChosenModel(home);
  } catch (error) {
    const { message } = error as Error;
    warnings.push(`${message} Until then no model is chosen; "kaiyan models use" chooses one.`);
    return undefined;
  }
}

/**
 * The defaults and the model that was chosen for the data directory, changed where `changes` says so.
 * @throws AppError SETTING_INVALID
 */
export function settingsWith(changes: Partial<Settings>): Settings {
  const unknown = Object.keys(changes).find((key) => !Object.hasOwn(settingsTable, key));
  if (unknown !== undefined) {
    const expected = `one of ${settingKeys.join(', ')}`;
    throw new AppError('SETTING_INVALID', {
      setting: 'an option',
      source: 'the caller',
      expected,
      found: `"${unknown}"`,
    });
  }
  const value = (key: SettingKey) =>
    changes[key] === undefined ? settingsTable[key].fallback : checked(key, changes[key], 'the caller').value;
  const given = Object.fromEntries(settingKeys.map((key) => [key, value(key)])) as Settings;
  const isGiven = (key: SettingKey) => changes[key] !== undefined;
  return { ...given, ...recordedFor(isGiven('model') ? undefined : readChosenModel(given.home), isGiven) };
}

function chooseValue(
  key: SettingKey,
  flags: Readonly<Record<string, unknown>>,
  environment: NodeJS.ProcessEnv,
  content: Readonly<Record<string, unknown>>,
  file: string,
): { readonly value: unknown; readonly source: string } {
  const variable = variableOf(key);
  const given = isKubernetesLink(environment[variable]) ? undefined : environment[variable];
  if (flags[key] !== undefined) return checked(key, flags[key], flagOf(key));
  if (given !== undefined && given !== '') return checked(key, fromText(key, given), variable);
  if (Object.hasOwn(content, key)) return checked(key, content[key], file);
  return { value: settingsTable[key].fallback, source: DEFAULT };
}

/** Kubernetes tells every container where a service is: one named kaiyan makes `KAIYAN_PORT=tcp://10.0.0.1:5000`. */
const isKubernetesLink = (value: string | undefined) => value !== undefined && /^(tcp|udp|sctp):\/\//.test(value);

function checked(
  key: SettingKey,
  value: unknown,
  source: string,
): { readonly value: unknown; readonly source: string } {
  const parsed = v.safeParse(settingsTable[key].schema as v.GenericSchema, value);
  if (parsed.success) return { value: parsed.output, source };
  const { path: where, expected, found } = describeIssue(parsed.issues[0]);
  const { secret }: Setting = settingsTable[key];
  throw new AppError('SETTING_INVALID', {
    setting: where ? `${key}.${where}` : key,
    source,
    expected,
    found: secret ? 'something else (hidden)' : found,
  });
}

/** A variable or a flag is text; numbers, true, false and lists are written as in JSON. */
export function fromText(key: SettingKey, given: string): unknown {
  if (typeof settingsTable[key].fallback === 'string') return given;
  try {
    return JSON.parse(given);
  } catch {
    return given;
  }
}

function readConfigurationFile(given: string | undefined): { name: string; content: Record<string, unknown> } {
  if (given === '' || (given === undefined && !existsSync(DEFAULT_FILE))) return { name: DEFAULT_FILE, content: {} };
  const name = given ?? DEFAULT_FILE;
  const content = parseFile(name);
  const invalid = (expected: string, found: string) =>
    new AppError('SETTING_INVALID', { setting: 'the configuration', source: name, expected, found });
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw invalid('a JSON object', JSON.stringify(content));
  const unknown = Object.keys(content).find((key) => !Object.hasOwn(settingsTable, key) && key !== '$schema');
  if (unknown !== undefined) throw invalid(`made of these keys: ${settingKeys.join(', ')}`, `"${unknown}"`);
  return { name, content: content as Record<string, unknown> };
}

function parseFile(name: string): unknown {
  let json: string;
  try {
    // Some editors on Windows begin a file with a byte order mark, which is no JSON.
    json = readFileSync(name, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw new AppError('FILE_UNREADABLE', { path: name, reason: (error as Error).message });
  }
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new AppError('SETTING_INVALID', {
      setting: 'the configuration',
      source: name,
      expected: 'valid JSON',
      found: `a syntax error (${(error as Error).message})`,
    });
  }
}

function unknownVariables(environment: NodeJS.ProcessEnv): string[] {
  const known = new Set<string>([...settingKeys.map(variableOf), CONFIG_VARIABLE]);
  return Object.keys(environment)
    .filter((name) => name.startsWith('KAIYAN_') && !known.has(name))
    .map((name) => `The environment variable ${name} means nothing to Kaiyan; see "kaiyan config" for those that do.`);
}

/** What variables that are not Kaiyan's own say of the network, and where PyTorch keeps the checkpoints it downloaded. */
export interface Surroundings {
  /** Addresses of proxies, empty for none. */
  readonly httpProxy: string;
  readonly httpsProxy: string;
  /** Hosts that are reached without one, with commas between them; * for all. */
  readonly noProxy: string;
  readonly torchCheckpoints: string;
}

/** Names of variables in small letters win, as in other programs. @throws AppError SETTING_INVALID */
export function readSurroundings(environment: NodeJS.ProcessEnv = process.env): Surroundings {
  return {
    httpProxy: proxyAddress(environment, 'http_proxy'),
    httpsProxy: proxyAddress(environment, 'https_proxy'),
    noProxy: environment.no_proxy ?? environment.NO_PROXY ?? '',
    torchCheckpoints: path.join(torchHome(environment), 'hub', 'checkpoints'),
  };
}

/** `proxy:3128` will do for `http://proxy:3128`. */
function proxyAddress(environment: NodeJS.ProcessEnv, name: string): string {
  const source = environment[name] === undefined ? name.toUpperCase() : name;
  const given = environment[source] ?? '';
  const address = given === '' || given.includes('://') ? given : `http://${given}`;
  if (address === '' || (URL.canParse(address) && /^(https?|socks5?):/.test(address))) return address;
  throw new AppError('SETTING_INVALID', {
    setting: 'the proxy',
    source,
    expected: 'an address such as http://proxy.example.org:3128',
    found: 'something else (hidden)',
  });
}

/** As PyTorch does it (torch/hub.py, _get_torch_home). */
function torchHome(environment: NodeJS.ProcessEnv): string {
  const home = homeFolder() ?? os.tmpdir();
  const given = environment.TORCH_HOME || path.join(environment.XDG_CACHE_HOME || path.join(home, '.cache'), 'torch');
  return given.replace(/^~(?=$|[/\\])/, home);
}
