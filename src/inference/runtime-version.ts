/** The version of ONNX Runtime, without loading it. */
import { createRequire } from 'node:module';

export const runtimeVersion: string = createRequire(import.meta.url)('onnxruntime-node/package.json').version;
