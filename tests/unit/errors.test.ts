import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AppError, type ErrorCode, type ErrorDetails, errorTable, toAppError } from '#kaiyan/errors.js';

const details: { readonly [Code in ErrorCode]: ErrorDetails<Code> } = {
  IMAGE_MISSING: {},
  IMAGE_EMPTY: {},
  IMAGE_UNSUPPORTED: { found: 'a PDF document' },
  IMAGE_CORRUPT: { format: 'JPEG', reason: 'premature end' },
  IMAGE_TOO_LARGE: { actual: '60 megapixels', limit: '50 megapixels', setting: 'maxPixels' },
  IMAGE_TIMEOUT: { seconds: 20 },
  HEIC_UNAVAILABLE: {},
  FILE_UNREADABLE: { path: '/no/where', reason: 'it does not exist' },
  OUTPUT_UNWRITABLE: { reason: 'ENOSPC: no space left on device, write' },
  ALBUM_UNWRITABLE: { path: 'photos/cat.jpg', reason: 'ENOSPC: no space left on device, copyfile' },
  SIDECAR_INVALID: { path: 'photos/cat.jpg.xmp', reason: 'it has no rdf:RDF' },
  FOLDER_NOT_EMPTY: { path: '/home/me/resnet18-1' },
  QUEUE_FULL: { held: '64 pictures', limit: '65', seconds: 2 },
  DEADLINE_EXCEEDED: { deadlineMs: 300 },
  ABORTED: {},
  CLOSED: {},
  WORKER_FAILED: { reason: 'out of memory' },
  MODEL_NOT_FOUND: { name: 'resnet', known: 'efficientnet-lite0' },
  CLASS_NOT_FOUND: { expected: 'a class of resnet18@1 (0 to 999, or a name)', found: '1000' },
  MODEL_INVALID: { path: '/models/x', reason: 'its manifest is empty' },
  TRAINING_UNSUPPORTED: { model: 'resnet18', reason: 'it has 5 stages, and 6 of them were to be trained' },
  MODEL_DAMAGED: { path: '/models/x', expected: 'aaaa', found: 'bbbb' },
  MODEL_CHECK_FAILED: { model: 'resnet18@1 (fp32)', problem: 'its logits are all equal' },
  MODEL_TOO_LARGE: { model: 'resnet101@1', needs: '800 MB', limit: '500 MB' },
  ACTIVATION_FAILED: { model: 'resnet18', step: 'it was loaded', reason: 'Expected a file, but it is gone.' },
  MODEL_EXISTS: { reference: 'resnet18@1' },
  MODEL_KEPT: { reference: 'resnet18@1', reason: 'it answers', remedy: 'Choose another one first' },
  MODELS_UNWRITABLE: { path: '/home/me/models', reason: 'ENOSPC: no space left on device' },
  CHECKPOINT_INVALID: {
    path: 'x.pth',
    reason: 'its storage 0 has 8 bytes',
    remedy: 'Save it anew in Python: torch.save(weights, "x.pth").',
  },
  CHECKPOINT_UNSAFE: { path: 'x.pth', global: 'posix.system' },
  CHECKPOINT_NOT_A_STATE_DICT: { path: 'x.pth', found: 'a list' },
  CHECKPOINT_TOO_LARGE: { path: 'x.pth', actual: '5.0 GiB', limit: '4.0 GiB' },
  MODEL_NOT_IN_CATALOGUE: { reference: 'resnet19', known: 'resnet18@1, resnet34@1' },
  MODEL_SOURCE_MISMATCH: { path: '/x.pth', expected: 'aaaa', found: 'bbbb', remedy: 'Take the official file' },
  DOWNLOAD_FAILED: { url: 'https://x.org/y', reason: 'the server answered 404', remedy: 'Name another source' },
  DOWNLOAD_REFUSED: { url: 'https://y.org/z', allowed: 'x.org', reason: 'it leads elsewhere' },
  DATA_UNWRITABLE: { path: '/x/downloads', reason: 'permission denied' },
  DISK_FULL: { folder: '/x/downloads', needed: '46.8 MB', free: '1.0 MB' },
  PRECISION_UNAVAILABLE: { model: 'efficientnet-lite2', asked: 'fp32', available: 'int8' },
  DESCRIPTION_INVALID: { path: 'input.width in spec.json', expected: 'a number', found: '"224"' },
  LABELS_MISMATCH: { name: 'mine', classes: 10, found: '9' },
  MODELS_BUSY: { model: 'mine@1', seconds: 2 },
  DATASET_INVALID: {
    source: 'photos',
    expected: 'at least two classes with pictures',
    found: 'one (ants)',
    remedy: 'Put the pictures of each class into a folder of its own',
  },
  QUANTIZATION_REFUSED: { model: 'mine', agreement: '50.0 %', least: '95.0 %' },
  ARCHITECTURE_UNSUPPORTED: { path: 'w.pth', known: 'resnet18', found: 'layer.weight' },
  WEIGHTS_MISMATCH: {
    path: 'w.pth',
    architecture: 'resnet18',
    tensor: 'fc.weight',
    expected: '1000×512',
    found: '10×512',
  },
  TOO_MANY_MODELS: { needed: 4, limit: 3 },
  JOB_NOT_FOUND: { id: '0191' },
  JOB_EMPTY: {},
  JOBS_FULL: { held: '20.0 GB', limit: '20.0 GB' },
  CORRECTIONS_FULL: { held: '999.9 MB', limit: '1000.0 MB', remedy: 'Delete some' },
  CORRECTION_NOT_FOUND: { id: 'ab12' },
  CORRECTIONS_TOO_FEW: { found: 1, least: 2 },
  NOTHING_TO_ROLL_BACK: { model: 'resnet18@1' },
  IDEMPOTENCY_CONFLICT: { reason: 'this one was used for another job' },
  PICTURE_CRASHED: { times: 4 },
  QUEUE_UNAVAILABLE: { queue: 'redis://host:6379', reason: 'it does not answer' },
  PICTURES_UNAVAILABLE: { place: 's3://pictures/kaiyan', reason: 'there was no answer (ECONNREFUSED)' },
  ARCHIVE_INVALID: { reason: 'its central directory is damaged' },
  PATH_REFUSED: { path: '/etc' },
  ADDRESS_REFUSED: { address: 'http://10.0.0.1/', reason: 'it is on a private network' },
  DATASET_NOT_FOUND: { name: 'flowers' },
  DATASET_EXISTS: { name: 'flowers' },
  CLASS_EXISTS: { name: 'flowers', label: 'rose' },
  PICTURE_NOT_FOUND: { id: 'abcd', place: 'the data set flowers' },
  DATASET_FULL: { held: '10.0 GB', limit: '10.0 GB', remedy: 'Delete some' },
  TRAINING_BUSY: { folder: '/home/me/trainings/ab12', process: 4711 },
  TRAINING_NOT_FOUND: { id: '20261128-x' },
  TRAININGS_FULL: { held: '10 that wait', limit: 10, remedy: 'Wait until one has ended' },
  TRAINING_NOT_RESUMABLE: { id: '20261128-x', state: 'done' },
  TRAINING_FAILED: { reason: 'exit status 134' },
  SETTING_INVALID: { setting: 'top', source: '--top', expected: 'Integer', found: '"x"' },
  USAGE: { problem: 'Expected one model, but got none. Name one.' },
  REQUEST_INVALID: { problem: 'Expected lang to be en or zh, but got "fr". Leave it out.' },
  HTTPS_REQUIRED: { url: 'https://192.168.1.20:5000' },
  HEADERS_TOO_LARGE: { limit: 16_384 },
  UPLOAD_TIMEOUT: { seconds: 30 },
  REQUEST_TOO_LARGE: { actual: '200 MB', limit: '100 MB', remedy: 'Send fewer pictures at once' },
  MEDIA_TYPE_UNSUPPORTED: { found: 'text/plain' },
  UNAUTHORIZED: {},
  MANAGEMENT_REFUSED: {},
  HOST_REFUSED: { host: 'evil.example' },
  ORIGIN_REFUSED: { origin: 'https://evil.example' },
  RATE_LIMITED: { limit: 60, seconds: 7 },
  NOT_FOUND: { path: 'GET /nothing' },
  METHOD_NOT_ALLOWED: { path: '/predict', method: 'GET', allowed: 'POST' },
  PORT_IN_USE: { host: '127.0.0.1', port: 5000 },
  ADDRESS_UNAVAILABLE: { host: '10.0.0.1', port: 80, reason: 'it is elsewhere', remedy: 'another with --host' },
  CERTIFICATE_INVALID: { reason: 'the key is that of another', remedy: 'Name the two that belong together' },
  SERVICE_UNREACHABLE: { url: 'http://server:5000/api/v1/models/active', reason: 'connect ECONNREFUSED' },
  SERVICE_REFUSED: {
    url: 'http://server:5000/x',
    status: 403,
    reason: 'Expected the token, but there is none. Send it.',
  },
  INTERNAL: { reason: 'a bug' },
};
const codes = Object.keys(errorTable) as ErrorCode[];
const errorOf = (code: ErrorCode) => new AppError(code, details[code] as never);

describe('the error table', () => {
  for (const code of codes) {
    test(`${code} says what is wrong with everything it knows, and what to do`, () => {
      const { message } = errorOf(code);
      for (const value of Object.values(details[code])) assert.ok(message.includes(String(value)), message);
      const sentences = message.split(/(?<=\.)\s/);
      assert.ok(sentences.length >= 2, `only one sentence: ${message}`);
      assert.match(sentences.at(-1) as string, /^[A-Z][a-z]+ .*\.$/, 'the last sentence says what to do');
      assert.ok(!/undefined|\[object|null|NaN/.test(message), message);
    });
  }

  test('every sentence that is not about a missing thing says what was expected and what came', () => {
    const others = new Set<ErrorCode>(['IMAGE_MISSING', 'ABORTED', 'NOT_FOUND', 'INTERNAL']);
    for (const code of codes.filter((one) => !others.has(one)))
      assert.match(errorOf(code).message, /^Expected .*, but /, code);
  });

  test('no code but INTERNAL contains INTERNAL or UNKNOWN', () => {
    assert.deepEqual(
      codes.filter((code) => /INTERNAL|UNKNOWN/.test(code)),
      ['INTERNAL'],
    );
  });

  test('no bad picture is answered with a status of the 500s', () => {
    for (const code of codes.filter((one) => /^(IMAGE_|HEIC_)/.test(one))) {
      const { http, exit } = errorOf(code);
      assert.ok(http >= 400 && http < 500, `${code} ${http}`);
      assert.ok(exit === 1 || code === 'IMAGE_MISSING', `${code} exits with ${exit}`);
    }
  });

  test('every code has an HTTP error status and one of the three exit statuses for failures', () => {
    for (const code of codes) {
      const { http, exit } = errorOf(code);
      assert.ok(http >= 400 && http <= 599, `${code} ${http}`);
      assert.ok([1, 2, 130].includes(exit), `${code} ${exit}`);
    }
  });

  test('keeps the statuses that clients and scripts rely on', () => {
    const kept: Partial<Record<ErrorCode, readonly [http: number, exit: number]>> = {
      IMAGE_MISSING: [400, 2],
      IMAGE_TOO_LARGE: [413, 1],
      IMAGE_UNSUPPORTED: [415, 1],
      UPLOAD_TIMEOUT: [408, 1],
      QUEUE_FULL: [429, 1],
      CLOSED: [503, 1],
      DEADLINE_EXCEEDED: [504, 1],
      ABORTED: [499, 130],
      ADDRESS_UNAVAILABLE: [500, 1],
      SETTING_INVALID: [500, 2],
      USAGE: [400, 2],
    };
    for (const [code, [http, exit]] of Object.entries(kept)) {
      const error = errorOf(code as ErrorCode);
      assert.deepEqual([error.http, error.exit], [http, exit], code);
    }
  });

  test('a missing upload begins with the words that existing clients know', () => {
    assert.match(errorOf('IMAGE_MISSING').message, /^No image uploaded/);
  });
});

describe('toAppError', () => {
  test('leaves an AppError as it is', () => {
    const error = new AppError('CLOSED', {});
    assert.equal(toAppError(error), error);
  });

  test('makes anything else INTERNAL and keeps it as the cause', () => {
    const cause = new TypeError('x is not a function');
    const error = toAppError(cause);
    assert.equal(error.code, 'INTERNAL');
    assert.equal(error.cause, cause);
    assert.match(error.message, /x is not a function/);
    assert.match(toAppError('a thrown text').message, /a thrown text/);
  });
});
