/** How much memory a loaded model takes, and how much all of them may take. */
import type { Settings } from '../config.js';
import { usableMemory } from '../inference/machine.js';

/**
 * Each worker has a session of its own. Measured as the growth of resident memory with 1, 2 and 4 workers after 20 runs
 * each: 17 to 28 MB a worker for a file of 5.1 MB (INT8), 26 to 31 for 6.7 MB, 39 to 44 for 18.5 MB (FP32), 58 to 87 for
 * ResNet-18's 46.7 MB.
 */
const WORKER_BYTES = 22e6;
const TIMES_FILE = 1.3;

/** Bytes of memory, for a model file of so many bytes. */
export const estimateMemory = (fileBytes: number, workers: number): number =>
  Math.round(workers * (WORKER_BYTES + TIMES_FILE * fileBytes));

export const memoryLimit = ({ modelMemory }: Pick<Settings, 'modelMemory'>): number =>
  modelMemory > 0 ? modelMemory : Math.floor(usableMemory() / 4);

export const inMegabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;
