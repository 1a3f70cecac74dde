/** Data sets that a service keeps. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { type Settings, settingsWith } from '#kaiyan/config.js';
import { createKeptDatasets, type KeptDatasets } from '#kaiyan/dataset/kept/datasets.js';
import type { AddedPictures } from '#kaiyan/dataset/kept/reception.js';
import { createDecoder } from '#kaiyan/image/decode.js';
import { decodeOptions } from '#kaiyan/image/decode-options.js';
import { temporaryFolder } from './folders.js';
import { examples } from './paths.js';

export interface DatasetsOnDisk {
  readonly datasets: KeptDatasets;
  readonly home: string;
  /** The same ones, as another process sees them. */
  readonly again: () => KeptDatasets;
}

export async function datasetsFor(
  t: Pick<TestContext, 'after'>,
  changes: Partial<Settings> = {},
): Promise<DatasetsOnDisk> {
  const home = changes.home ?? (await temporaryFolder(t));
  const settings = settingsWith({ ...changes, home });
  const decoder = createDecoder(decodeOptions(settings, 1));
  t.after(() => decoder.close());
  const again = () => createKeptDatasets({ settings, decode: decoder.decode });
  return { datasets: again(), home, again };
}

export const picture = (name: string): Promise<Buffer> => readFile(path.join(examples, name));

/** Sends pictures, by their names, to a class. */
export async function send(
  datasets: KeptDatasets,
  name: string,
  label: string,
  pictures: Readonly<Record<string, Uint8Array>>,
): Promise<AddedPictures> {
  const reception = await datasets.receive(name, label, 0);
  for (const [file, bytes] of Object.entries(pictures)) {
    const { write, end } = reception.picture(file);
    await write(bytes);
    await end();
  }
  return reception.finish();
}
