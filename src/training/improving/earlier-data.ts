/** The data set that a model was trained with here, if it is still there: what it was taught joins what is corrected. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { correctionsFolder } from '../../corrections/files.js';
import type { Dataset } from '../../dataset/dataset.js';
import { readDataset } from '../../dataset/read-dataset.js';
import type { Bundle } from '../../models/bundle.js';
import type { Registry } from '../../models/registry.js';

const recipeSchema = v.object({ data: v.string(), source: v.string() });

/** A model that was corrected, corrected again, and so on. */
const MOST_GENERATIONS = 100;

/** Undefined for a model that was not trained here, and where its pictures are gone. */
export async function findEarlierData(bundle: Bundle, registry: Registry, home: string): Promise<Dataset | undefined> {
  let model: Bundle | undefined = bundle;
  for (let i = 0; model && i < MOST_GENERATIONS; i++) {
    const { training, source }: Bundle['manifest'] = model.manifest;
    const place = training && (await placeOf(training.data.sha256, home));
    if (place !== undefined && place !== correctionsFolder(home)) return readDataset(place).catch(() => undefined);
    model = source.model === undefined ? undefined : await registry.open(source.model).catch(() => undefined);
  }
  return undefined;
}

/** Where the data with this fingerprint lay. */
async function placeOf(data: string, home: string): Promise<string | undefined> {
  const runs = path.join(home, 'trainings');
  for (const name of await readdir(runs).catch(() => [])) {
    try {
      const recipe = v.parse(recipeSchema, JSON.parse(await readFile(path.join(runs, name, 'recipe.json'), 'utf8')));
      if (recipe.data === data) return recipe.source;
    } catch {
      // That of an older version, or none at all.
    }
  }
  return undefined;
}
