/** What references mean, remembered for a moment: many requests name the same model, and looking takes reading files. */
import { choosePrecision, type PrecisionChoice } from '../classification/precision.js';
import { sha256Of } from '../hashes.js';
import type { Bundle } from '../models/bundle.js';
import type { Registry } from '../models/registry.js';

interface Resolved {
  readonly bundle: Bundle;
  /** The same as long as the manifest, which has the hashes of the files, says the same. */
  readonly fingerprint: string;
  /** What `auto` means for it on this machine. */
  readonly automatic: PrecisionChoice;
}

export interface Resolver {
  /** @throws AppError MODEL_NOT_FOUND, MODEL_INVALID */
  readonly resolve: (reference: string) => Promise<Resolved>;
  readonly describe: (bundle: Bundle) => Promise<Resolved>;
  /** Looks anew the next time. */
  readonly forget: () => void;
}

const MOMENT_MS = 1_000;

export function createResolver(registry: Registry, home: string): Resolver {
  const remembered = new Map<string, { readonly until: number; readonly resolved: Promise<Resolved> }>();

  async function describe(bundle: Bundle): Promise<Resolved> {
    const fingerprint = sha256Of(JSON.stringify(bundle.manifest));
    return { bundle, fingerprint, automatic: await choosePrecision(bundle, 'auto', home) };
  }

  function resolve(reference: string): Promise<Resolved> {
    const now = performance.now();
    const known = remembered.get(reference);
    if (known && known.until > now) return known.resolved;
    const resolved = registry.open(reference).then(describe);
    remembered.set(reference, { until: now + MOMENT_MS, resolved });
    // What is wrong may be mended by the next time, and names that mean nothing are not collected.
    resolved.catch(() => remembered.delete(reference));
    return resolved;
  }

  return { resolve, describe, forget: () => remembered.clear() };
}
