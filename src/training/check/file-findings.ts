/** Files that are no pictures: those that look like some, and those that do not. */
import type { Dataset } from '../../dataset/dataset.js';
import type { ErrorCode } from '../../errors.js';
import type { Embeddings } from '../embeddings/embeddings.js';
import type { Finding } from './finding.js';

const REASONS: readonly { readonly codes: readonly ErrorCode[]; readonly en: string; readonly zh: string }[] = [
  { codes: ['IMAGE_EMPTY'], en: 'empty', zh: '是空文件' },
  { codes: ['IMAGE_UNSUPPORTED', 'HEIC_UNAVAILABLE'], en: 'of a kind that cannot be read', zh: '格式不受支持' },
  { codes: ['FILE_UNREADABLE'], en: 'missing or not to be opened', zh: '不存在或无法打开' },
  { codes: ['IMAGE_TOO_LARGE', 'IMAGE_TIMEOUT'], en: 'too large', zh: '过大' },
];
const DAMAGED = { en: 'damaged', zh: '已损坏' };

export function unreadableFiles({ unreadable }: Pick<Embeddings, 'unreadable'>): Finding[] {
  if (unreadable.length === 0) return [];
  const counts = new Map<(typeof REASONS)[number] | typeof DAMAGED, number>();
  for (const { error } of unreadable) {
    const reason = REASONS.find(({ codes }) => codes.includes(error.code)) ?? DAMAGED;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const reasons = [...counts];
  const en = reasons.map(([reason, count]) => `${count} ${reason.en}`).join(', ');
  const zh = reasons.map(([reason, count]) => `${count} 个${reason.zh}`).join('，');
  return [
    {
      kind: 'unreadable',
      pictures: unreadable.map(({ picture }) => picture.name),
      classes: [],
      message:
        unreadable.length === 1
          ? `1 file cannot be read as a picture and is left out (${en}). Replace or remove it.`
          : `${unreadable.length} files cannot be read as pictures and are left out (${en}). Replace or remove them.`,
      messageZh: `有 ${unreadable.length} 个文件无法作为图片读取，未被使用（${zh}）。请替换或删除它们。`,
    },
  ];
}

export function otherFiles({ others }: Pick<Dataset, 'others'>): Finding[] {
  if (others.length === 0) return [];
  return [
    {
      kind: 'other-files',
      pictures: others,
      classes: [],
      message:
        others.length === 1
          ? '1 file is left out: it is not named as pictures are (.jpg, .png …), or is in no folder of a class. If it is a picture, rename it or move it into the folder of its class.'
          : `${others.length} files are left out: they are not named as pictures are (.jpg, .png …), or are in no folder of a class. If they are pictures, rename them or move them into the folder of their class.`,
      messageZh: `有 ${others.length} 个文件未被使用：文件名不像图片（.jpg、.png 等），或者不在任何类别的文件夹中。如果是图片，请改名，或移入所属类别的文件夹。`,
    },
  ];
}
