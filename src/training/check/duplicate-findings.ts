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
}

/** First those whose labels contradict each other. */
export function duplicateFindings({ pictures, duplicates, classes, labels }: CopiedData): Finding[] {
  const parted = classesOfOneGroup(labels, duplicates.groups);
  const partedGroups = new Set(parted.values());
  const named = (groups: readonly (readonly number[])[]) =>
    groups.map((members) => ({
      pictures: members.map((i) => pictures[i] as Named),
      isParted: partedGroups.has(duplicates.groups[members[0] as number] as number),
    }));
  return [
    ...findingsOf('exact-duplicates', named(duplicates.exact)),
    ...findingsOf('near-duplicates', named(duplicates.near)),
    ...onlyCopies(
      [...membersBy(labels)]
        .filter(([position]) => parted.has(position))
        .map(([position, members]) => ({
          label: classes[position]?.label ?? '',
          pictures: members.map((i) => pictures[i]?.name ?? ''),
        })),
    ),
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

/** They are parted all the same, and what is measured of them is too good: see `classesOfOneGroup`. */
function onlyCopies(classes: readonly { readonly label: string; readonly pictures: readonly string[] }[]): Finding[] {
  if (classes.length === 0) return [];
  const { en, zh } = listed(classes.map(({ label, pictures }) => `${label} (${pictures.length})`));
  const [have, them] = classes.length === 1 ? ['A class has', 'it'] : [`${classes.length} classes have`, 'them'];
  return [
    {
      kind: 'only-copies',
      pictures: classes.flatMap(({ pictures }) => pictures),
      groups: classes.map(({ pictures }) => pictures),
      classes: classes.map(({ label }) => label),
      message: `${have} nothing but pictures that are nearly the same: ${en}. What is measured of ${them} is too good, since a model is asked about pictures whose copies it has learned. Add some that differ in place, light and distance.`,
      messageZh: `有 ${classes.length} 个类别的图片全都几乎相同：${zh}。评测时用到的图片与训练时见过的几乎一样，因此这些类别的指标会偏高。请添加地点、光线和距离各不相同的图片。`,
    },
  ];
}
