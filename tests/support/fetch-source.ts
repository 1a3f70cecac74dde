/** A program that fetches one source: its argument is the call as JSON, its output the result or the error. */
import { readSurroundings } from '#kaiyan/config.js';
import { toAppError } from '#kaiyan/errors.js';
import type { CatalogueEntry } from '#kaiyan/models/catalogue.js';
import { fetchSource } from '#kaiyan/models/download/fetch-source.js';

const { entry, home, from } = JSON.parse(process.argv[2] ?? '') as {
  readonly entry: CatalogueEntry;
  readonly home: string;
  readonly from?: string;
};
try {
  const surroundings = readSurroundings();
  const signal = new AbortController().signal;
  const onNotice = (notice: string) => process.stderr.write(`${notice}\n`);
  const { path } = await fetchSource(entry, { home, from, surroundings, signal, onNotice });
  process.stdout.write(path);
} catch (error) {
  const { code, message } = toAppError(error);
  process.stdout.write(`${code}: ${message}`);
}
