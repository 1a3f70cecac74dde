/** Models that have FP32: what is trained further, looked over data with, and made into INT8. */
import { AppError } from '../errors.js';
import { type Bundle, precisionsOf } from './bundle.js';
import type { Registry } from './registry.js';

/** @throws AppError MODEL_NOT_FOUND, MODEL_INVALID, and PRECISION_UNAVAILABLE, which names those that have it */
export async function openWithFp32(registry: Registry, reference: string): Promise<Bundle> {
  const bundle = await registry.open(reference);
  if (hasFp32(bundle)) return bundle;
  const names = await registry.names();
  const others = await Promise.all(names.map((name) => registry.open(name).catch(() => undefined)));
  throw new AppError('PRECISION_UNAVAILABLE', {
    ...{ model: reference, asked: 'fp32', available: precisionsOf(bundle).join(', ') },
    instead: names.filter((_, i) => hasFp32(others[i])).join(', '),
  });
}

const hasFp32 = (bundle: Bundle | undefined): boolean => bundle !== undefined && precisionsOf(bundle).includes('fp32');
