/** Pictures that are there more than once, and classes that have no others. */
import type { OwnClass } from '../../dataset/dataset.js';
import { type Duplicates, membersBy } from '../../dataset/duplicates.js';
import { classesOfOneGroup } from '../../dataset/folds.js';
import type { Finding } from './finding.js';
import { counted, listed } from './words.js';

export interface Named {
  readonly name: string;
  /** Of its class. */
  readonly label: string;
}

export interface CopiedData {
  /** Those that `duplicates` counts. */
  readonly pictures: readonly Named[];
  readonly duplicates: Duplicates;
  readonly classes: readonly OwnClass[];
  /** For each picture the position of its class. */
  readonly labels: Int32Array;
  /** Positions of those that are cross-validated; all if not given. */
  readonly training?: readonly number[] | undefined;
}

/** First those whose labels contradict each other. */
export function duplicateFindings({ pictures, duplicates, classes, labels, training = [] }: CopiedData): Finding[] {
  const { groups, exact, near } = duplicates;
  const of = (numbers: Int32Array) => Int32Array.from(training, (i) => numbers[i] as number);
  const parted = classesOfOneGroup(labels, groups);
  // Of two bursts one is held out, and the other is all that is left.
  const partedThen = classesOfOneGroup(of(labels), of(groups));
  for (const position of parted.keys()) partedThen.delete(position);
  const partedGroups = new Set([...parted.values(), ...partedThen.values()]);
  const named = (copies: readonly (readonly number[])[]) =>
    copies.map((members) => ({
      pictures: members.map((i) => pictures[i] as Named),
      isParted: partedGroups.has(groups[members[0] as number] as number),
    }));
  const copiesIn = (found: ReadonlyMap<number, number>) =>
    [...membersBy(labels)]
      .filter(([position]) => found.has(position))
      .map(([position, members]) => ({
        label: classes[position]?.label ?? '',
        pictures: members.filter((i) => groups[i] === found.get(position)).map((i) => pictures[i]?.name ?? ''),
      }));
  return [
    ...findingsOf('exact-duplicates', named(exact)),
    ...findingsOf('near-duplicates', named(near)),
    ...onlyCopies(copiesIn(parted), {
      en: { besides: '', measured: 'measured' },
      zh: { besides: '', measuring: '评测', measured: '指标' },
    }),
    ...onlyCopies(copiesIn(partedThen), {
      en: { besides: ', apart from those that are held out', measured: 'cross-validated' },
      zh: { besides: '除去留出的图片，', measuring: '交叉验证', measured: '交叉验证指标' },
    }),
  ];
}

const WHAT = {
  'exact-duplicates': { en: 'with the same bytes', zh: '内容完全相同' },
  'near-duplicates': { en: 'that are nearly the same', zh: '几乎相同' },
} as const;

interface Group {
  readonly pictures: readonly Named[];
  /** It has all pictures of a class: another finding says so. */
  readonly isParted: boolean;
}

function findingsOf(kind: keyof typeof WHAT, groups: readonly Group[]): Finding[] {
  const isContradictory = (group: Group) => new Set(group.pictures.map(({ label }) => label)).size > 1;
  const { en, zh } = WHAT[kind];
  const different = groups.filter(isContradictory);
  const same = groups.filter((group) => !isContradictory(group) && !group.isParted);
  return [
    ...finding(kind, different, (found) => ({
      message: `${found.en} ${en} have different labels, and at least one of them is wrong. Keep the right one.`,
      messageZh: `${found.zh}${zh}，标签却不一致，其中至少有一个是错的。请只保留正确的。`,
    })),
    ...finding(kind, same, (found) => ({
      message: `${found.en} ${en} count more than once. They are never parted between training and validation; remove those that are too many.`,
      messageZh: `${found.zh}${zh}，会被重复计入。它们不会被分到训练集和验证集两边；请删除多余的。`,
    })),
  ];
}

function finding(
  kind: Finding['kind'],
  groups: readonly Group[],
  words: (found: { en: string; zh: string }) => Pick<Finding, 'message' | 'messageZh'>,
): Finding[] {
  if (groups.length === 0) return [];
  const all = groups.flatMap(({ pictures }) => pictures);
  const names = groups.map(({ pictures }) => pictures.map(({ name }) => name));
  const en = `${counted(all.length, 'picture')} (${counted(groups.length, 'group')})`;
  return [
    {
      ...{ kind, pictures: names.flat(), groups: names, classes: [...new Set(all.map(({ label }) => label))] },
      ...words({ en, zh: `有 ${all.length} 张图片（${groups.length} 组）` }),
    },
  ];
}

interface Judging {
  readonly en: { readonly besides: string; readonly measured: string };
  readonly zh: { readonly besides: string; readonly measuring: string; readonly measured: string };
}

interface Copies {
  readonly label: string;
  readonly pictures: readonly string[];
}

/** They are parted all the same, and what is measured of them is too good: see `classesOfOneGroup`. */
function onlyCopies(classes: readonly Copies[], { en, zh }: Judging): Finding[] {
  if (classes.length === 0) return [];
  const named = listed(classes.map(({ label, pictures }) => `${label} (${pictures.length})`));
  const [have, them] = classes.length === 1 ? ['A class has', 'it'] : [`${classes.length} classes have`, 'them'];
  return [
    {
      kind: 'only-copies',
      pictures: classes.flatMap(({ pictures }) => pictures),
      groups: classes.map(({ pictures }) => pictures),
      classes: classes.map(({ label }) => label),
      message: `${have} nothing but pictures that are nearly the same${en.besides}: ${named.en}. What is ${en.measured} of ${them} is too good, since a model is asked about pictures whose copies it has learned. Add some that differ in place, light and distance.`,
      messageZh: `${zh.besides}有 ${classes.length} 个类别的图片全都几乎相同：${named.zh}。${zh.measuring}时用到的图片与训练时见过的几乎一样，因此这些类别的${zh.measured}会偏高。请添加地点、光线和距离各不相同的图片。`,
    },
  ];
}
