/** The corrections as a data set to train with. */
import path from 'node:path';
import type { Dataset } from '../dataset/dataset.js';
import { correctionsFolder, readKept } from './files.js';

/** Empty if there are none. Labels are as they were said; those that mean one class of a model are brought together later. */
export async function readCorrections(home: string): Promise<Dataset> {
  const source = correctionsFolder(home);
  const kept = await readKept(source);
  const labels = [...new Set(kept.map(({ correction }) => correction.label))].sort();
  const position = new Map(labels.map((label, index) => [label, index]));
  const pictures = kept.map(({ correction, path: file }) => ({
    path: file,
    name: path.basename(file),
    label: position.get(correction.label) as number,
  }));
  pictures.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { source, title: source, classes: labels.map((label) => ({ label, zh: label })), pictures, others: [] };
}
