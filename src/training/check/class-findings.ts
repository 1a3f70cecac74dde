/** How many pictures classes have: none, too few, or many more than others. */
import type { OwnClass } from '../../dataset/dataset.js';
import type { Finding } from './finding.js';
import { listed } from './words.js';

/** With fewer than these a class is learned from chance more than from what its pictures have in common. */
const LEAST_PICTURES = 10;
/** Pictures of the largest class for one of the smallest. */
const STRONG_IMBALANCE = 10;

/** `counts` are of pictures that can be read, one for each class. */
export function classFindings(classes: readonly OwnClass[], counts: Int32Array): Finding[] {
  const all = classes
    .map(({ label, onlyNamed = false }, i) => ({ label, onlyNamed, count: counts[i] as number }))
    .sort((a, b) => a.count - b.count || (a.label < b.label ? -1 : 1));
  const present = all.filter(({ count }) => count > 0);
  return [
    ...emptyClasses(all.filter(({ count, onlyNamed }) => count === 0 && !onlyNamed)),
    ...onlyNamedClasses(all.filter(({ count, onlyNamed }) => count === 0 && onlyNamed)),
    ...smallClasses(present.filter(({ count }) => count < LEAST_PICTURES)),
    ...imbalance(present),
  ];
}

interface Counted {
  readonly label: string;
  readonly count: number;
}

const labelsOf = (classes: readonly Counted[]) => classes.map(({ label }) => label);
const withCounts = (classes: readonly Counted[]) => listed(classes.map(({ label, count }) => `${label} (${count})`));

function emptyClasses(empty: readonly Counted[]): Finding[] {
  if (empty.length === 0) return [];
  const { en, zh } = listed(labelsOf(empty));
  return [
    {
      kind: 'empty-class',
      pictures: [],
      classes: labelsOf(empty),
      message: `${empty.length === 1 ? 'A class has' : `${empty.length} classes have`} no picture that can be read, and will not be learned: ${en}. Add pictures, or remove the folder.`,
      messageZh: `有 ${empty.length} 个类别没有可读取的图片，不会参与训练：${zh}。请添加图片，或删除该文件夹。`,
    },
  ];
}

/** The names may be of other data, or no names at all. */
function onlyNamedClasses(named: readonly Counted[]): Finding[] {
  if (named.length === 0) return [];
  const { en, zh } = listed(labelsOf(named));
  return [
    {
      kind: 'empty-class',
      pictures: [],
      classes: labelsOf(named),
      message: `${named.length === 1 ? 'A class is' : `${named.length} classes are`} among the names that were given, but not in the data, and will not be learned: ${en}. Add pictures, or correct the names.`,
      messageZh: `给出的名称中有 ${named.length} 个类别在数据中没有图片，不会参与训练：${zh}。请添加图片，或更正名称。`,
    },
  ];
}

function smallClasses(small: readonly Counted[]): Finding[] {
  if (small.length === 0) return [];
  const { en, zh } = withCounts(small);
  return [
    {
      kind: 'few-pictures',
      pictures: [],
      classes: labelsOf(small),
      message: `${small.length === 1 ? 'A class has' : `${small.length} classes have`} fewer than ${LEAST_PICTURES} pictures: ${en}. Add some that differ in place, light and distance; 20 to 50 of each class are a good beginning.`,
      messageZh: `有 ${small.length} 个类别的图片少于 ${LEAST_PICTURES} 张：${zh}。请添加地点、光线和距离各不相同的图片；每个类别 20 到 50 张是不错的起点。`,
    },
  ];
}

/** From the smallest to the largest. */
function imbalance(present: readonly Counted[]): Finding[] {
  const [smallest, largest] = [present[0], present.at(-1)];
  if (!smallest || !largest || largest.count < smallest.count * STRONG_IMBALANCE) return [];
  const times = Math.floor(largest.count / smallest.count);
  return [
    {
      kind: 'imbalance',
      pictures: [],
      classes: [largest.label, smallest.label],
      message: `The class ${largest.label} has ${largest.count} pictures, ${smallest.label} only ${smallest.count}: ${times} times as many. Training gives each class the same weight, but one with few pictures is judged by few: add pictures of it.`,
      messageZh: `类别“${largest.label}”有 ${largest.count} 张图片，“${smallest.label}”只有 ${smallest.count} 张，相差 ${times} 倍。训练时各类别的权重相同，但图片少的类别评估结果不可靠：请为它添加图片。`,
    },
  ];
}
