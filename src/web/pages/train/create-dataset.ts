/** Makes data sets and their classes. */
import { manage, manageSilently } from '../../api/manage.ts';
import type { Dataset, Datasets } from '../../api/training-types.ts';
import type { Chosen } from '../../pictures/chosen-files.ts';
import { addressOfClasses, addressOfDataset, DATASETS } from './addresses.ts';
import { nameFor } from './names.ts';
import { sortFiles } from './sort-files.ts';
import { addUploads } from './uploads.ts';

export interface NewDataset {
  readonly labels: readonly string[];
  /** Each folder of them becomes a class, too. */
  readonly files?: readonly Chosen[];
}

/** Gives the name that it got. @throws CallError */
export async function createDataset({ labels, files = [] }: NewDataset): Promise<string> {
  const { datasets } = await manage<Datasets>(DATASETS);
  const { classes } = sortFiles(files);
  const folders = [...classes.keys()].filter((label) => label !== undefined);
  const all = [...labels, ...folders];
  const name = nameFor(
    all.slice(0, 2),
    datasets.map((one) => one.name),
  );
  await manageSilently(DATASETS, { method: 'POST', json: { name } });
  try {
    for (const label of all) await addClass(name, label);
  } catch (error) {
    // Whoever tries again wants one data set, not what is left of several.
    await manageSilently(addressOfDataset(name), { method: 'DELETE' }).catch(() => undefined);
    throw error;
  }
  await addSorted(name, classes);
  return name;
}

/** @throws CallError */
export const addClass = (dataset: string, label: string): Promise<void> =>
  manageSilently(addressOfClasses(dataset), { method: 'POST', json: { label } });

/** Puts folders of pictures into a data set, with the classes that it lacks. Files of no folder are left. @throws CallError */
export async function addFolders(dataset: Dataset, classes: ReturnType<typeof sortFiles>['classes']): Promise<void> {
  const known = new Set(dataset.classes.map(({ label }) => label));
  for (const label of classes.keys()) if (label !== undefined && !known.has(label)) await addClass(dataset.name, label);
  await addSorted(dataset.name, classes);
}

async function addSorted(dataset: string, classes: ReturnType<typeof sortFiles>['classes']): Promise<void> {
  for (const [label, files] of classes)
    if (label !== undefined) await addUploads(files.map(({ name, file }) => ({ dataset, label, name, file })));
}
