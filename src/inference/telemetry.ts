/**
 * ONNX Runtime's own telemetry, off. On Linux and macOS its official builds report to Microsoft by default, and keep an
 * identifier of the machine, unless this variable is set before the runtime is loaded (docs/Privacy.md of ONNX Runtime).
 * Whatever loads the runtime, or a worker that will, imports this module first.
 */
import { isMainThread } from 'node:worker_threads';
import { AppError } from '../errors.js';

const VARIABLE = 'ORT_DISABLE_TELEMETRY';

// In any other thread this would change a copy of the environment that the runtime does not see.
if (isMainThread) process.env[VARIABLE] = '1';

/**
 * Refuses to go on where the runtime would report: in a worker thread of a program that has not turned it off.
 * @throws AppError SETTING_INVALID
 */
export function requireTelemetryOff(): void {
  const found = process.env[VARIABLE];
  if (found === '1') return;
  throw new AppError('SETTING_INVALID', {
    setting: VARIABLE,
    source: 'the environment of this worker thread',
    expected:
      '1 (set it before the thread starts, or import kaiyan in the main thread first), so that ONNX Runtime does not report to its makers',
    found: found === undefined ? 'nothing' : `"${found}"`,
  });
}
