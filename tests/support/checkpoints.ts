/** Checkpoints of PyTorch and safetensors: see tests/fixtures/checkpoints/README.md. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fixtures } from './paths.js';

/** What PyTorch says about a tensor; numbers that JSON does not have are texts. */
export interface ExpectedTensor {
  readonly shape: readonly number[];
  readonly values: readonly (number | 'inf' | '-inf' | 'nan')[];
}

const folder = path.join(fixtures, 'checkpoints');
const groups = ['golden', 'own'];

/** A fixture, such as "own/views.pth". */
export const checkpointFixture = (name: string): string => path.join(folder, name);

/** The values of every fixture that can be read. */
export async function expectedCheckpoints(): Promise<Map<string, Readonly<Record<string, ExpectedTensor>>>> {
  const expected = new Map<string, Readonly<Record<string, ExpectedTensor>>>();
  for (const group of groups) {
    const json: unknown = JSON.parse(await readFile(path.join(folder, group, 'expected.json'), 'utf8'));
    for (const [name, tensors] of Object.entries(json as Record<string, Record<string, ExpectedTensor>>))
      expected.set(`${group}/${name}`, tensors);
  }
  return expected;
}
