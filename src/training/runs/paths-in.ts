/** Findings with the paths of their pictures instead of their names: the page knows pictures by the hashes that are in these. */
import path from 'node:path';
import type { Dataset } from '../../dataset/dataset.js';
import type { Finding } from '../check/finding.js';

/** Paths are as seen from the folder of the list, with slashes. */
export function createPathsIn({ source, pictures }: Pick<Dataset, 'source' | 'pictures'>): (of: Finding) => Finding {
  const folder = path.dirname(path.resolve(source));
  const seen = (file: string) => path.relative(folder, file).split(path.sep).join('/');
  const paths = new Map(pictures.map(({ name, path: file }) => [name, seen(file)]));
  const all = (names: readonly string[]) => names.map((name) => paths.get(name) ?? name);
  return ({ pictures: names, groups, ...finding }) => ({
    ...finding,
    pictures: all(names),
    ...(groups && { groups: groups.map(all) }),
  });
}
