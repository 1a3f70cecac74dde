/** The words of the gallery. */
import type { Language } from '../../labels/label-set.js';

export interface Words {
  readonly pictures: (count: number) => string;
  /** Of a share. */
  readonly percent: (share: number) => string;
  readonly unsure: string;
  /** A label that is in no category. */
  readonly other: string;
  readonly categories: string;
  readonly all: (count: number) => string;
  readonly overview: string;
  readonly page: (number: number, of: number) => string;
  readonly previous: string;
  readonly next: string;
  readonly skip: string;
  readonly empty: string;
}

export const galleryWords: Record<Language, Words> = {
  en: {
    pictures: (count) => `${count.toLocaleString('en')} ${count === 1 ? 'picture' : 'pictures'}`,
    percent: (share) => `${(share * 100).toFixed(0)} %`,
    unsure: 'not sure',
    other: 'other',
    categories: 'Categories',
    all: (count) => `all ${count.toLocaleString('en')}`,
    overview: 'Overview',
    page: (number, of) => `Page ${number} of ${of}`,
    previous: 'previous page',
    next: 'next page',
    skip: 'To the pictures',
    empty: 'There are no pictures yet.',
  },
  zh: {
    pictures: (count) => `${count.toLocaleString('zh')} 张图片`,
    percent: (share) => `${(share * 100).toFixed(0)}%`,
    unsure: '不确定',
    other: '其他',
    categories: '类别',
    all: (count) => `全部 ${count.toLocaleString('zh')} 张`,
    overview: '总览',
    page: (number, of) => `第 ${number} 页，共 ${of} 页`,
    previous: '上一页',
    next: '下一页',
    skip: '跳到图片',
    empty: '还没有图片。',
  },
};
