/** The format of the safetensors library: a length, a JSON header, and the elements. */
import * as v from 'valibot';
import { describeIssue } from '../../validation.js';
import { MOST_AXES } from './limits.js';
import { inBytes, type Reading, shown } from './refusals.js';
import { cleanNames } from './state-dict.js';
import { bytesPerElement, createTensor, type DType, elementsOf, rowMajor, type Tensor } from './tensor.js';

/** The header's length, as a little-endian 64-bit integer. */
const LENGTH_BYTES = 8;

const types: ReadonlyMap<string, DType> = new Map([
  ['F64', 'float64'],
  ['F32', 'float32'],
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['I64', 'int64'],
  ['I32', 'int32'],
  ['I16', 'int16'],
  ['I8', 'int8'],
  ['U8', 'uint8'],
  ['BOOL', 'bool'],
]);

const count = v.custom<number>(
  (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  'a whole number of at least 0',
);
const entrySchema = v.strictObject({
  dtype: v.string(),
  // The length comes first: it is quick to look at.
  shape: v.pipe(v.array(v.unknown()), v.maxLength(MOST_AXES, `at most ${MOST_AXES} sizes`), v.array(count)),
  data_offsets: v.tuple([count, count]),
});
type Entry = v.InferOutput<typeof entrySchema>;
const headerSchema = v.record(v.string(), v.unknown());
const metadataSchema = v.record(v.string(), v.string());

/** Whether a file may be one: its header begins with `{` and ends within the file. */
export function looksLikeSafetensors(bytes: Buffer): boolean {
  return bytes.length > LENGTH_BYTES && bytes[LENGTH_BYTES] === 0x7b && bytes.readUInt32LE(4) === 0;
}

/** @throws AppError CHECKPOINT_INVALID, CHECKPOINT_TOO_LARGE, CHECKPOINT_NOT_A_STATE_DICT */
export function readSafetensors(bytes: Buffer, reading: Reading): Map<string, Tensor> {
  const { limits, refuse } = reading;
  const length = Number(bytes.readBigUInt64LE(0));
  if (length > limits.headerBytes)
    throw refuse.tooLarge(`a header of ${inBytes(length)}`, `${inBytes(limits.headerBytes)} of header`);
  if (length > bytes.length - LENGTH_BYTES)
    throw refuse.invalid(`it ends after ${bytes.length} bytes, within its header`);
  const start = LENGTH_BYTES + length;
  const entries = parseHeader(bytes.toString('utf8', LENGTH_BYTES, start), reading);
  const data = bytes.subarray(start);
  requireWhole([...entries.values()], data.length, reading);
  if (entries.size === 0) throw refuse.notStateDict('no tensors');
  const tensors = new Map([...entries].map(([name, entry]) => [name, toTensor(name, entry, data, reading)]));
  return cleanNames(tensors, refuse);
}

function parseHeader(text: string, reading: Reading): Map<string, Entry> {
  const { refuse } = reading;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw refuse.invalid('its header is not JSON');
  }
  const entries = new Map<string, Entry>();
  for (const [name, value] of Object.entries(parse(headerSchema, json, 'header', reading))) {
    if (name === '__metadata__') parse(metadataSchema, value, 'header', reading);
    else entries.set(name, parse(entrySchema, value, `tensor "${shown(name)}"`, reading));
  }
  return entries;
}

function parse<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  what: string,
  { refuse }: Reading,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  const { path, expected, found } = describeIssue(parsed.issues[0]);
  throw refuse.invalid(`its ${what} has ${path || 'a value'} ${shown(found)}, not ${expected}`);
}

/** The format wants every byte to belong to one tensor. */
function requireWhole(entries: readonly Entry[], length: number, { refuse }: Reading): void {
  let position = 0;
  const inOrder = entries.toSorted(({ data_offsets: [a, x] }, { data_offsets: [b, y] }) => a - b || x - y);
  for (const { data_offsets } of inOrder) {
    const [begin, end] = data_offsets;
    if (begin !== position || end < begin)
      throw refuse.invalid(`its tensors overlap or leave a gap at byte ${position} of its data`);
    position = end;
  }
  if (position !== length) throw refuse.invalid(`it has ${length} bytes of data, where its tensors need ${position}`);
}

function toTensor(name: string, { dtype: code, shape, data_offsets }: Entry, data: Buffer, reading: Reading): Tensor {
  const { limits, refuse } = reading;
  const dtype = types.get(code);
  if (!dtype) throw refuse.unsupported(`tensors of the type ${shown(code)}`);
  const elements = elementsOf(shape);
  if (elements > limits.elements)
    throw refuse.tooLarge(`a tensor of ${elements} elements`, `${limits.elements} elements a tensor`);
  const [begin, end] = data_offsets;
  const expected = elements * bytesPerElement[dtype];
  if (end - begin !== expected) {
    const words = `has ${end - begin} bytes, where its shape [${shape.join(', ')}] needs ${expected}`;
    throw refuse.invalid(`its tensor "${shown(name)}" ${words}`);
  }
  const storage = { bytes: data.subarray(begin, end), dtype, littleEndian: true };
  return createTensor(storage, { offset: 0, shape, strides: rowMajor(shape) });
}
