/** The head of a model that answers, read from its file when it is first asked for. */
import { readFile } from 'node:fs/promises';
import { sha256InBackground } from '../hashes.js';
import type { ModelFile } from '../inference/session.js';
import { parseModel } from '../onnx/model-file.js';
import { type Head, readHead } from './head.js';

/** Each for as long as its model is in memory. */
const heads = new WeakMap<ModelFile, Promise<Head | undefined>>();

/**
 * `featureMap` is the name of that output. Undefined for a network that ends in another way, and where the file is no longer
 * that of the model in memory, which was replaced or removed.
 */
export function headOf(file: ModelFile, featureMap: string): Promise<Head | undefined> {
  const known = heads.get(file);
  if (known) return known;
  const reading = read(file, featureMap).catch(() => {
    // Too many files are open, perhaps: they may be closed the next time.
    heads.delete(file);
    return undefined;
  });
  heads.set(file, reading);
  return reading;
}

async function read({ path, sha256, logits, classes }: ModelFile, featureMap: string): Promise<Head | undefined> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!bytes || (await sha256InBackground(bytes)) !== sha256) return undefined;
  const head = readHead(parseModel(bytes, path), featureMap, logits);
  return head?.classes === classes ? head : undefined;
}
