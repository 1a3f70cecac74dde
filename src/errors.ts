/** Every error that Kaiyan reports: one table from code to HTTP status, exit status and a sentence that helps. */

interface ErrorRow<Details> {
  readonly http: number;
  readonly exit: 1 | 2 | 130;
  /** What was expected, what came, and what to do. */
  readonly sentence: (details: Details) => string;
}

const row = <Details = Record<never, never>>(
  http: number,
  exit: 1 | 2 | 130,
  sentence: (details: Details) => string,
): ErrorRow<Details> => ({ http, exit, sentence });

const ACCEPTED = 'JPEG, PNG, WebP, GIF, TIFF, AVIF, BMP or HEIC';

const SAVE_AGAIN = 'Download it again, or save the weights anew: torch.save(model.state_dict(), "weights.pth").';

export const errorTable = {
  IMAGE_MISSING: row(400, 2, () => 'No image uploaded. Send one picture as the multipart field "image".'),
  IMAGE_EMPTY: row(400, 1, () => `Expected a picture (${ACCEPTED}), but the file has 0 bytes. Send it again.`),
  IMAGE_UNSUPPORTED: row<{ found: string }>(
    415,
    1,
    ({ found }) => `Expected a picture (${ACCEPTED}), but found ${found}. Convert it to JPEG or PNG first.`,
  ),
  IMAGE_CORRUPT: row<{ format: string; reason: string }>(
    422,
    1,
    ({ format, reason }) =>
      `Expected a complete ${format} picture, but it cannot be decoded (${reason}). Open and save it again, or send another copy.`,
  ),
  IMAGE_TOO_LARGE: row<{ actual: string; limit: string; setting: string }>(
    413,
    1,
    ({ actual, limit, setting }) =>
      `Expected a picture of at most ${limit}, but it has ${actual}. Make it smaller, or raise the setting ${setting}.`,
  ),
  IMAGE_TIMEOUT: row<{ seconds: number }>(
    422,
    1,
    ({ seconds }) =>
      `Expected the picture to decode within ${seconds} s, but it took longer. Save it again as JPEG, or raise the setting decodeTimeoutSeconds.`,
  ),
  HEIC_UNAVAILABLE: row(
    415,
    1,
    () =>
      'Expected a decoder for this HEIC picture, but the optional package libheif-js is not installed. Install it (npm install libheif-js), or convert the picture to JPEG.',
  ),
  FILE_UNREADABLE: row<{ path: string; reason: string }>(
    400,
    1,
    ({ path, reason }) =>
      `Expected a readable file or folder at ${path}, but ${reason}. Check the path and its permissions.`,
  ),
  OUTPUT_UNWRITABLE: row<{ reason: string }>(
    500,
    1,
    ({ reason }) =>
      `Expected room for the results, but the results cannot be written: ${reason}. Make room, or write them elsewhere.`,
  ),
  ALBUM_UNWRITABLE: row<{ path: string; reason: string }>(
    500,
    1,
    ({ path, reason }) =>
      `Expected to sort or to write ${path}, but ${reason}. The original is where it was; make room or check the permissions, and run the same command again.`,
  ),
  SIDECAR_INVALID: row<{ path: string; reason: string }>(
    422,
    1,
    ({ path, reason }) =>
      `Expected XMP in UTF-8 in ${path}, to add keywords to it, but ${reason}. The file was left as it is; mend it, or remove it so that a new one is written.`,
  ),
  FOLDER_NOT_EMPTY: row<{ path: string }>(
    409,
    1,
    ({ path }) =>
      `Expected a new or an empty folder, but there are files in ${path}. Name another one (--output FOLDER), or remove that one first.`,
  ),
  QUEUE_FULL: row<{ held: string; limit: string; seconds: number }>(
    429,
    1,
    ({ held, limit, seconds }) =>
      `Expected room for one more picture, but there are ${held} already (limit ${limit}). Try again in ${seconds} s, or raise queueRequests or queueBytes.`,
  ),
  DEADLINE_EXCEEDED: row<{ deadlineMs: number }>(
    504,
    1,
    ({ deadlineMs }) =>
      `Expected an answer within ${deadlineMs} ms, but it was not ready. Try again when the machine is less busy, or raise deadlineMs.`,
  ),
  ABORTED: row(499, 130, () => 'The request was cancelled before its answer was ready. Send it again if you need it.'),
  CLOSED: row(
    503,
    1,
    () => 'Expected a running classifier, but it is shutting down. Send the request to it again after its restart.',
  ),
  WORKER_FAILED: row<{ reason: string }>(
    503,
    1,
    ({ reason }) =>
      `Expected an answer, but the worker that computed it ended (${reason}) and was replaced. Try again; if it happens again, run "kaiyan doctor".`,
  ),
  MODEL_NOT_FOUND: row<{ name: string; known: string }>(
    404,
    2,
    ({ name, known }) =>
      `Expected the name of an installed model (${known}), but got "${name}". See "kaiyan models list", or get another with "kaiyan models pull".`,
  ),
  CLASS_NOT_FOUND: row<{ expected: string; found: string; remedy?: string }>(
    404,
    2,
    ({ expected, found, remedy = 'See "kaiyan labels", or GET /api/v1/labels' }) =>
      `Expected ${expected}, but got "${found}". ${remedy}.`,
  ),
  MODEL_INVALID: row<{ path: string; reason: string }>(
    500,
    1,
    ({ path, reason }) => `Expected a valid model at ${path}, but ${reason}. Correct it, or install it again.`,
  ),
  TRAINING_UNSUPPORTED: row<{ model: string; reason: string }>(
    422,
    1,
    ({ model, reason }) =>
      `Expected stages of ${model} that can be trained, but ${reason}. Train fewer of them, or the last layer alone (--unfreeze 0), or another model.`,
  ),
  MODEL_DAMAGED: row<{ path: string; expected: string; found: string }>(
    500,
    1,
    ({ path, expected, found }) =>
      `Expected ${path} to have the SHA-256 ${expected}, but it has ${found}. The file was changed or damaged; install the model again.`,
  ),
  CHECKPOINT_INVALID: row<{ path: string; reason: string; remedy?: string }>(
    422,
    1,
    ({ path, reason, remedy = SAVE_AGAIN }) =>
      `Expected PyTorch weights (.pth, .pt or .safetensors) at ${path}, but ${reason}. ${remedy}`,
  ),
  CHECKPOINT_UNSAFE: row<{ path: string; global: string }>(
    422,
    1,
    ({ path, global }) =>
      `Expected tensors and plain values in ${path}, but it asks Python for "${global}", which torch.load could run; Kaiyan ran nothing. Get the weights as .safetensors from someone you trust or, if the file is your own, save the weights alone: torch.save(model.state_dict(), "weights.pth").`,
  ),
  CHECKPOINT_NOT_A_STATE_DICT: row<{ path: string; found: string }>(
    422,
    1,
    ({ path, found }) =>
      `Expected a state_dict (tensors by their names) in ${path}, but found ${found}. Load it in Python, if you trust it, and save the weights alone: torch.save(model.state_dict(), "weights.pth").`,
  ),
  CHECKPOINT_TOO_LARGE: row<{ path: string; actual: string; limit: string }>(
    413,
    1,
    ({ path, actual, limit }) =>
      `Expected a checkpoint of at most ${limit}, but ${path} has ${actual}. Save the weights alone: torch.save(model.state_dict(), "weights.pth").`,
  ),
  MODEL_CHECK_FAILED: row<{ model: string; problem: string }>(
    500,
    1,
    ({ model, problem }) =>
      `Expected ${model} to answer a known picture as a model that works does, but ${problem}. Install the model again, or use another precision.`,
  ),
  MODEL_TOO_LARGE: row<{ model: string; needs: string; limit: string }>(
    422,
    1,
    ({ model, needs, limit }) =>
      `Expected a model that fits into ${limit}, but ${model} needs about ${needs}. Raise the setting modelMemory, or use fewer workers or a smaller model.`,
  ),
  MODELS_BUSY: row<{ model: string; seconds: number }>(
    429,
    1,
    ({ model, seconds }) =>
      `Expected room in memory for ${model}, but other models that are in use take it. Try again in ${seconds} s, or raise loadedModels or modelMemory.`,
  ),
  ACTIVATION_FAILED: row<{ model: string; step: string; reason: string }>(
    422,
    1,
    ({ model, step, reason }) =>
      `Expected ${model} to answer from now on, but it failed while ${step}: ${reason} Until it is mended, the model that answered before still does.`,
  ),
  MODEL_EXISTS: row<{ reference: string }>(
    409,
    1,
    ({ reference }) =>
      `Expected a model that is not installed yet, but ${reference} is. Choose another name or version, or remove that one first ("kaiyan models remove").`,
  ),
  MODEL_KEPT: row<{ reference: string; reason: string; remedy: string }>(
    409,
    1,
    ({ reference, reason, remedy }) =>
      `Expected a model that can be removed, but ${reference} cannot: ${reason}. ${remedy}.`,
  ),
  MODELS_UNWRITABLE: row<{ path: string; reason: string }>(
    500,
    1,
    ({ path, reason }) =>
      `Expected to write models to ${path}, but ${reason}. Make room there, check its permissions, or choose another data directory with the setting home.`,
  ),
  MODEL_NOT_IN_CATALOGUE: row<{ reference: string; known: string }>(
    404,
    2,
    ({ reference, known }) =>
      `Expected a model of the catalogue (${known}), but got "${reference}". See "kaiyan models list --available".`,
  ),
  MODEL_SOURCE_MISMATCH: row<{ path: string; expected: string; found: string; remedy: string }>(
    502,
    1,
    ({ path, expected, found, remedy }) =>
      `Expected ${path} to be the official file, with the SHA-256 ${expected}, but it has ${found}. ${remedy}.`,
  ),
  DOWNLOAD_FAILED: row<{ url: string; reason: string; remedy: string }>(
    502,
    1,
    ({ url, reason, remedy }) => `Expected to download ${url}, but ${reason}. ${remedy}.`,
  ),
  DOWNLOAD_REFUSED: row<{ url: string; allowed: string; reason: string }>(
    502,
    1,
    ({ url, allowed, reason }) =>
      `Expected the download to stay with ${allowed}, but ${reason}: ${url}. Name another source with --from: an address, a file or a folder.`,
  ),
  DATA_UNWRITABLE: row<{ path: string; reason: string }>(
    500,
    1,
    ({ path, reason }) =>
      `Expected to write to ${path}, but ${reason}. Check its permissions, or choose another data directory with --home.`,
  ),
  DISK_FULL: row<{ folder: string; needed: string; free: string }>(
    507,
    1,
    ({ folder, needed, free }) =>
      `Expected room for ${needed} more in ${folder}, but there is only ${free}. Make room, or choose another data directory with --home.`,
  ),
  PRECISION_UNAVAILABLE: row<{ model: string; asked: string; available: string; instead?: string }>(
    400,
    2,
    ({ model, asked, available, instead }) =>
      instead !== undefined
        ? `Expected a model with an ${asked.toUpperCase()} file, which is needed here, but ${model} has ${available} alone. Name another one: ${instead}.`
        : `Expected a precision that ${model} has (${available}), but got "${asked}". Use one of them, or "auto".`,
  ),
  TOO_MANY_MODELS: row<{ needed: number; limit: number }>(
    400,
    2,
    ({ needed, limit }) =>
      `Expected models that fit into memory together, but these are ${needed} with the active one (limit ${limit}). Compare fewer at once, or raise the setting loadedModels.`,
  ),
  ARCHITECTURE_UNSUPPORTED: row<{ path: string; known: string; found: string }>(
    422,
    1,
    ({ path, known, found }) =>
      `Expected the weights of ${known} in ${path}, but its tensors are those of another network (${found}). Export that network to ONNX and install it with "kaiyan models add".`,
  ),
  WEIGHTS_MISMATCH: row<{ path: string; architecture: string; tensor: string; expected: string; found: string }>(
    422,
    1,
    ({ path, architecture, tensor, expected, found }) =>
      `Expected the weights of ${architecture} in ${path}, whose tensor "${tensor}" has to be ${expected}, but found ${found}. Save the state_dict of an unchanged network, or export the changed one to ONNX and install it with "kaiyan models add".`,
  ),
  DESCRIPTION_INVALID: row<{ path: string; expected: string; found: string }>(
    422,
    1,
    ({ path, expected, found }) => `Expected ${path} to be ${expected}, but found ${found}. Correct it there.`,
  ),
  LABELS_MISMATCH: row<{ name: string; classes: number; found: string }>(
    422,
    2,
    ({ name, classes, found }) =>
      `Expected the names of ${classes} classes for ${name}, one for each output, but there are ${found}. Give a file with one name on each line (--labels FILE).`,
  ),
  QUANTIZATION_REFUSED: row<{ model: string; agreement: string; least: string }>(
    422,
    1,
    ({ model, agreement, least }) =>
      `Expected ${model} in 8 bits to agree with FP32 on ${least} of the pictures, but it does on ${agreement}, even with half of its layers left in FP32. Nothing was changed. Calibrate it with more pictures of the kind that it will see, or accept less (--min-agreement).`,
  ),
  DATASET_INVALID: row<{ source: string; expected: string; found: string; remedy: string }>(
    422,
    1,
    ({ source, expected, found, remedy }) => `Expected ${expected} in ${source}, but found ${found}. ${remedy}.`,
  ),
  JOB_NOT_FOUND: row<{ id: string }>(
    404,
    2,
    ({ id }) =>
      `Expected the id of a job, but there is none with "${id}": it never was, was deleted, or has expired. See GET /api/v1/jobs or "kaiyan jobs list".`,
  ),
  JOB_EMPTY: row(
    400,
    1,
    () => 'Expected a job with at least one picture, but there is none. Send pictures as the multipart field "image".',
  ),
  JOBS_FULL: row<{ held: string; limit: string }>(
    507,
    1,
    ({ held, limit }) =>
      `Expected room for the pictures of this job, but jobs already keep ${held} (limit ${limit}). Wait until some are answered, delete jobs with failed pictures or thumbnails, or raise the setting jobBytes.`,
  ),
  CORRECTIONS_FULL: row<{ held: string; limit: string; remedy: string }>(
    507,
    1,
    ({ held, limit, remedy }) =>
      `Expected room for one more corrected picture, but ${held} are kept already (limit ${limit}). ${remedy}.`,
  ),
  CORRECTION_NOT_FOUND: row<{ id: string }>(
    404,
    2,
    ({ id }) =>
      `Expected the id of a correction, but there is none with "${id}": it never was, or was deleted. See GET /api/v1/corrections.`,
  ),
  CORRECTIONS_TOO_FEW: row<{ found: number; least: number }>(
    422,
    1,
    ({ found, least }) =>
      `Expected at least ${least} corrected pictures to learn from, but there are ${found}. Say of more pictures what they really show, in the page or with POST /api/v1/corrections.`,
  ),
  NOTHING_TO_ROLL_BACK: row<{ model: string }>(
    409,
    1,
    ({ model }) =>
      `Expected a promotion to take back, but no model is recorded that answered before ${model}. Choose one with "kaiyan promote" or "kaiyan models use".`,
  ),
  IDEMPOTENCY_CONFLICT: row<{ reason: string }>(
    409,
    1,
    ({ reason }) =>
      `Expected a new Idempotency-Key or a repeated request, but ${reason}. Use another key, or try again later.`,
  ),
  PICTURE_CRASHED: row<{ times: number }>(
    422,
    1,
    ({ times }) =>
      `Expected a picture that can be classified, but the process ended ${times} times while it was in work, at last with this picture alone. Save it again in another format, and report it.`,
  ),
  QUEUE_UNAVAILABLE: row<{ queue: string; reason: string }>(
    503,
    1,
    ({ queue, reason }) =>
      `Expected the books of the jobs at ${queue}, but ${reason}. Check that it runs and can be reached, and the setting queue.`,
  ),
  PICTURES_UNAVAILABLE: row<{ place: string; reason: string }>(
    503,
    1,
    ({ place, reason }) =>
      `Expected the pictures of the jobs in ${place}, but ${reason}. Check that it can be reached, and the settings jobPictures, s3Endpoint, s3Region and the keys.`,
  ),
  ARCHIVE_INVALID: row<{ reason: string }>(
    422,
    1,
    ({ reason }) => `Expected a zip or tar archive with pictures, but ${reason}. Make it again, with pictures only.`,
  ),
  PATH_REFUSED: row<{ path: string }>(
    403,
    1,
    ({ path }) =>
      `Expected a path in a folder that may be read for jobs, but "${path}" is not in one. Put the pictures there, or add their folder to the setting jobFolders.`,
  ),
  ADDRESS_REFUSED: row<{ address: string; reason: string }>(
    400,
    1,
    ({ address, reason }) =>
      `Expected a public http(s) address for the webhook, but ${address} is refused: ${reason}. Use another one, or add its host to the setting webhookHosts.`,
  ),
  DATASET_NOT_FOUND: row<{ name: string }>(
    404,
    2,
    ({ name }) => `Expected the name of a data set, but there is none called "${name}". See GET /api/v1/datasets.`,
  ),
  DATASET_EXISTS: row<{ name: string }>(
    409,
    1,
    ({ name }) =>
      `Expected the name of a new data set, but there is one called "${name}" already. Choose another name, or add pictures to that one.`,
  ),
  CLASS_EXISTS: row<{ name: string; label: string }>(
    409,
    1,
    ({ name, label }) =>
      `Expected the label of a new class of the data set ${name}, but it has "${label}" already. Choose another label.`,
  ),
  PICTURE_NOT_FOUND: row<{ id: string; place: string }>(
    404,
    1,
    ({ id, place }) =>
      `Expected the id of a picture of ${place}, but there is none with "${id}". List them anew: it may have been deleted.`,
  ),
  DATASET_FULL: row<{ held: string; limit: string; remedy: string }>(
    507,
    1,
    ({ held, limit, remedy }) =>
      `Expected room in the data sets for one more, but there are ${held} already (limit ${limit}). ${remedy}.`,
  ),
  TRAINING_BUSY: row<{ folder: string; process: number }>(
    409,
    1,
    ({ folder, process }) =>
      `Expected to be the only one at this training, but process ${process} works on it (${folder}). Wait for it, or change the data or the options.`,
  ),
  TRAINING_NOT_FOUND: row<{ id: string }>(
    404,
    2,
    ({ id }) =>
      `Expected the id of a training, but there is none with "${id}": it never was, or was deleted. See GET /api/v1/trainings.`,
  ),
  TRAININGS_FULL: row<{ held: string; limit: number; remedy: string }>(
    429,
    1,
    ({ held, limit, remedy }) =>
      `Expected room for one more training, but there are ${held} already (limit ${limit}). ${remedy}.`,
  ),
  TRAINING_NOT_RESUMABLE: row<{ id: string; state: string }>(
    409,
    1,
    ({ id, state }) =>
      `Expected a training that was stopped or has failed, but ${id} is ${state}. Begin a new one in its place.`,
  ),
  TRAINING_FAILED: row<{ reason: string }>(
    500,
    1,
    ({ reason }) =>
      `Expected a trained model, but the process that trained it ended (${reason}). Resume the training; if it ends again, use fewer or smaller pictures, or report it.`,
  ),
  SETTING_INVALID: row<{ setting: string; source: string; expected: string; found: string }>(
    500,
    2,
    ({ setting, source, expected, found }) =>
      `Expected ${setting} to be ${expected}, but ${source} says ${found}. Correct it there.`,
  ),
  USAGE: row<{ problem: string }>(400, 2, ({ problem }) => problem),
  REQUEST_INVALID: row<{ problem: string }>(400, 1, ({ problem }) => problem),
  HTTPS_REQUIRED: row<{ url: string }>(
    426,
    1,
    ({ url }) => `Expected HTTPS at this address, but the request came without it. Use ${url} instead.`,
  ),
  HEADERS_TOO_LARGE: row<{ limit: number }>(
    431,
    1,
    ({ limit }) =>
      `Expected an address and headers of at most ${limit} bytes together, but they are longer. Send a shorter address, or fewer or shorter headers.`,
  ),
  UPLOAD_TIMEOUT: row<{ seconds: number; what?: string }>(
    408,
    1,
    ({ seconds, what = 'the whole request' }) =>
      `Expected ${what} within ${seconds} s, but it had not arrived. Send it over a faster connection, or raise the setting uploadTimeoutSeconds.`,
  ),
  REQUEST_TOO_LARGE: row<{ actual: string; limit: string; remedy: string }>(
    413,
    1,
    ({ actual, limit, remedy }) => `Expected a request of at most ${limit}, but it has ${actual}. ${remedy}.`,
  ),
  MEDIA_TYPE_UNSUPPORTED: row<{ found: string; expected?: string }>(
    415,
    1,
    ({ found, expected = 'a form (multipart/form-data) or a bare picture (image/* or application/octet-stream)' }) =>
      `Expected ${expected}, but the Content-Type is ${found}. Correct that header; curl needs -H "Content-Type: application/octet-stream" with --data-binary.`,
  ),
  UNAUTHORIZED: row(
    401,
    1,
    () =>
      'Expected the key of this service, but there is none or another one. Send it as the header "Authorization: Bearer KEY" or "X-API-Key: KEY".',
  ),
  MANAGEMENT_REFUSED: row(
    403,
    1,
    () =>
      'Expected the admin token for this call, which manages the service, but there is none or another one. Send it as the header "Authorization: Bearer TOKEN"; if there is none yet, set adminToken.',
  ),
  HOST_REFUSED: row<{ host: string }>(
    403,
    1,
    ({ host }) =>
      `Expected a name of this machine, such as localhost, but was called as "${host}". Call it by such a name, or add that one to the setting allowedHosts.`,
  ),
  ORIGIN_REFUSED: row<{ origin: string }>(
    403,
    1,
    ({ origin }) =>
      `Expected a call from a page of this service, but it comes from "${origin}". If that page may use it, add the origin to the setting corsOrigins.`,
  ),
  RATE_LIMITED: row<{ limit: number; seconds: number }>(
    429,
    1,
    ({ limit, seconds }) =>
      `Expected at most ${limit} calls a minute from one address, but there were more. Try again in ${seconds} s, or raise the setting rateLimit.`,
  ),
  NOT_FOUND: row<{ path: string }>(
    404,
    1,
    ({ path }) => `Nothing is served at ${path}. See POST /predict, POST /api/v1/classify and the list at /docs.`,
  ),
  METHOD_NOT_ALLOWED: row<{ path: string; method: string; allowed: string }>(
    405,
    1,
    ({ path, method, allowed }) => `Expected ${allowed} for ${path}, but got ${method}. See the list at /docs.`,
  ),
  PORT_IN_USE: row<{ host: string; port: number }>(
    500,
    1,
    ({ host, port }) =>
      `Expected port ${port} on ${host} to be free, but another program uses it. Stop that program, or choose another with --port.`,
  ),
  ADDRESS_UNAVAILABLE: row<{ host: string; port: number; reason: string; remedy: string }>(
    500,
    1,
    ({ host, port, reason, remedy }) => `Expected to listen on ${host}, port ${port}, but ${reason}. Choose ${remedy}.`,
  ),
  CERTIFICATE_INVALID: row<{ reason: string; remedy: string }>(
    500,
    2,
    ({ reason, remedy }) =>
      `Expected a certificate and its key in PEM files (settings tlsCert and tlsKey), but ${reason}. ${remedy}.`,
  ),
  SERVICE_UNREACHABLE: row<{ url: string; reason: string }>(
    502,
    1,
    ({ url, reason }) =>
      `Expected a service at ${url}, but it cannot be reached (${reason}). Check the address, and that the service runs.`,
  ),
  SERVICE_REFUSED: row<{ url: string; status: number; reason: string }>(
    502,
    1,
    ({ url, status, reason }) => `Expected the service to do as asked at ${url}, but it answered ${status}: ${reason}`,
  ),
  INTERNAL: row<{ reason: string }>(
    500,
    1,
    ({ reason }) =>
      `Something went wrong inside Kaiyan (${reason}). Please report it with the output of "kaiyan doctor".`,
  ),
} as const;

export type ErrorCode = keyof typeof errorTable;
export type ErrorDetails<Code extends ErrorCode> = Parameters<(typeof errorTable)[Code]['sentence']>[0];

/** An error that a user can act on; `message` is the table's sentence. */
export class AppError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'AppError';
  readonly http: number;
  readonly exit: number;

  constructor(
    readonly code: Code,
    readonly details: ErrorDetails<Code>,
    options?: ErrorOptions,
  ) {
    const { http, exit, sentence } = errorTable[code] as ErrorRow<ErrorDetails<Code>>;
    super(sentence(details), options);
    this.http = http;
    this.exit = exit;
  }
}

/** The AppError itself, or an INTERNAL one around anything else that was thrown. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new AppError('INTERNAL', { reason }, { cause: thrown });
}
