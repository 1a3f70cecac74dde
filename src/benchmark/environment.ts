/** Which machine and which versions a measurement was taken on. */
import os from 'node:os';
import { describeCpu, usableCores } from '../inference/machine.js';
import { runtimeVersion } from '../inference/runtime-version.js';
import { version } from '../version.js';

export interface Machine {
  readonly cpu: string;
  readonly architecture: string;
  readonly platform: string;
  /** Cores that this process may use; a container may have fewer than the machine. */
  readonly cores: number;
  /** What there is, or what a container may take of it. */
  readonly memoryBytes: number;
  /** Null where it cannot be told. */
  readonly int8Instructions: boolean | null;
}

export function describeMachine(): Machine {
  const { model, architecture, fastInt8 } = describeCpu();
  return {
    cpu: model,
    architecture,
    platform: process.platform,
    cores: usableCores(),
    memoryBytes: Math.min(os.totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY),
    int8Instructions: fastInt8 ?? null,
  };
}

export interface Versions {
  readonly kaiyan: string;
  readonly node: string;
  readonly onnxruntime: string;
  readonly sharp: string;
  readonly libvips: string;
}

/** Rejects if sharp cannot be loaded. */
export async function readVersions(): Promise<Versions> {
  const { libraryVersions } = await import('../image/library-versions.js');
  return { kaiyan: version, node: process.versions.node, onnxruntime: runtimeVersion, ...libraryVersions };
}
