/** Networks whose weights follow a formula, with logits from PyTorch; see tests/fixtures/architectures/generate.py. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import type { Tensor } from '#kaiyan/models/checkpoints/tensor.js';
import { fixtures } from './paths.js';

const folder = path.join(fixtures, 'architectures');

type Kind = 'var' | 'gain' | 'shift' | 'weight' | 'count';

export interface FormulaNetwork {
  readonly gain: number;
  readonly size?: number;
  readonly parameters: number;
  readonly tensors: readonly (readonly [name: string, shape: readonly number[], kind: Kind])[];
  readonly argmax: readonly [number, number];
}

const networks = ['architectures.json', 'architectures-more.json'].flatMap((file) =>
  Object.entries(JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Record<string, FormulaNetwork>),
);
export const formulaNetworks: ReadonlyMap<string, FormulaNetwork> = new Map(networks);

export function formulaNetwork(name: string): FormulaNetwork {
  const network = formulaNetworks.get(name);
  if (!network) throw new Error(`there is no ${name}`);
  return network;
}

export const formulaTensors = ({ tensors, gain }: FormulaNetwork): Map<string, Tensor> =>
  new Map(
    tensors.map(([name, shape, kind]) => [
      name,
      { dtype: kind === 'count' ? 'int64' : 'float32', shape, float32: () => fill(name, shape, kind, gain) },
    ]),
  );

/** Two times 1000 logits. */
export const formulaLogits = (name: string): Float32Array =>
  new Float32Array(new Uint8Array(readFileSync(path.join(folder, `${name}.logits.f32`))).buffer);

function fill(name: string, shape: readonly number[], kind: Kind, gain: number): Float32Array {
  const seed = crc32(name);
  const fan = shape.slice(1).reduce((product, size) => product * size, 1);
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  for (let i = 0; i < values.length; i++) {
    let x = (Math.imul(i, 2654435761) + seed) >>> 0;
    x = Math.imul(x ^ (x >>> 15), 2246822519) >>> 0;
    x = Math.imul(x ^ (x >>> 13), 3266489917) >>> 0;
    const u = ((x ^ (x >>> 16)) >>> 0) / 2 ** 32 - 0.5;
    if (kind === 'var') values[i] = 1 + u * 0.5;
    else if (kind === 'gain') values[i] = gain * (1 + u * 0.5);
    else if (kind === 'shift') values[i] = u * 0.2;
    else values[i] = u * 2 * Math.sqrt(6 / fan);
  }
  return values;
}

/** Two pictures of the shape 3×size×size, made of equal cells. */
export function formulaInput({ size = 224 }: FormulaNetwork): Float32Array {
  const cells = size === 224 ? 7 : 20;
  const scale = size / cells;
  const grid = fill('input', [2, 3, cells, cells], 'shift', 1);
  const input = new Float32Array(2 * 3 * size * size);
  for (let i = 0; i < input.length; i++) {
    const [plane, y, x] = [Math.floor(i / size ** 2), Math.floor(i / size) % size, i % size];
    const cell = (plane * cells + Math.floor(y / scale)) * cells + Math.floor(x / scale);
    input[i] = (grid[cell] as number) * 20;
  }
  return input;
}

/** A checkpoint of such a network in the format of safetensors. */
export function safetensorsOf({ tensors, gain }: FormulaNetwork): Buffer {
  const header: Record<string, unknown> = {};
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const [name, shape, kind] of tensors) {
    const values = kind === 'count' ? new BigInt64Array(1) : fill(name, shape, kind, gain);
    const bytes = new Uint8Array(values.buffer);
    header[name] = {
      dtype: kind === 'count' ? 'I64' : 'F32',
      shape,
      data_offsets: [offset, offset + bytes.length],
    };
    offset += bytes.length;
    parts.push(bytes);
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, ...parts]);
}
