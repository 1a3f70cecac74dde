/** Pictures that are there more than once. */
import type { Duplicates } from '../../dataset/duplicates.js';
import type { Finding } from './finding.js';
import { counted } from './words.js';

export interface Named {
  readonly name: string;
  /** Of its class. */
  readonly label: string;
}

/** First those whose labels contradict each other. `pictures` are those that `duplicates` counts. */
export function duplicateFindings(pictures: readonly Named[], { exact, near }: Duplicates): Finding[] {
  const named = (groups: readonly (readonly number[])[]) =>
    groups.map((members) => members.map((i) => pictures[i] as Named));
  return [...findingsOf('exact-duplicates', named(exact)), ...findingsOf('near-duplicates', named(near))];
}

const WHAT = {
  'exact-duplicates': { en: 'with the same bytes', zh: '内容完全相同' },
  'near-duplicates': { en: 'that are nearly the same', zh: '几乎相同' },
} as const;

function findingsOf(kind: keyof typeof WHAT, groups: readonly (readonly Named[])[]): Finding[] {
  const isContradictory = (group: readonly Named[]) => new Set(group.map(({ label }) => label)).size > 1;
  const { en, zh } = WHAT[kind];
  const [different, same] = [groups.filter(isContradictory), groups.filter((group) => !isContradictory(group))];
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
  groups: readonly (readonly Named[])[],
  words: (found: { en: string; zh: string }) => Pick<Finding, 'message' | 'messageZh'>,
): Finding[] {
  if (groups.length === 0) return [];
  const all = groups.flat();
  const names = groups.map((group) => group.map(({ name }) => name));
  const en = `${counted(all.length, 'picture')} (${counted(groups.length, 'group')})`;
  return [
    {
      ...{ kind, pictures: names.flat(), groups: names, classes: [...new Set(all.map(({ label }) => label))] },
      ...words({ en, zh: `有 ${all.length} 张图片（${groups.length} 组）` }),
    },
  ];
}
