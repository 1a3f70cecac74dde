/** The real inference worker, but only for the first who starts it: later ones throw. `workerData.file.input` is untouched. */
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { workerData } from 'node:worker_threads';
import type { WorkerSetup } from '#kaiyan/inference/protocol.js';

const mark = path.join(path.dirname((workerData as WorkerSetup).file.path), 'started');
if (existsSync(mark)) throw new Error('no luck at the second start');
writeFileSync(mark, '');
await import('./breaks-when-told.js');
