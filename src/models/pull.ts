/** A model of the catalogue: its official file, verified, and installed. */
import type { Bundle } from './bundle.js';
import type { CatalogueEntry } from './catalogue.js';
import { type FetchOptions, fetchSource, removeDownload } from './download/fetch-source.js';
import { importCheckpoint } from './import-checkpoint.js';
import type { Registry } from './registry.js';

/**
 * What was installed under its name and version gives way.
 * @throws AppError those of `fetchSource` and `importCheckpoint`
 */
export async function pull(entry: CatalogueEntry, registry: Registry, options: FetchOptions): Promise<Bundle> {
  const { name, version, input, license, licenseUrl, metrics, url } = entry;
  const fetched = await fetchSource(entry, options);
  const note = `The licence is that of its publisher (${licenseUrl}); BatchNorm is folded.`;
  const description = { name, version, input, license, metrics, source: { url, note } };
  const bundle = await importCheckpoint(fetched.path, description, registry, { signal: options.signal, replace: true });
  await removeDownload(fetched);
  return bundle;
}
