/** How an answer is put into words. */
import { messages } from '../i18n/i18n.ts';

export const answerMessages = messages(
  'answer',
  {
    predictions: 'The most probable classes',
    class: '{{label}}',
    group: '{{label}}',
    unsure: 'Not sure',
    perhaps: 'perhaps {{label}}',
    groupOnly: 'Sure of the kind of thing; which one exactly is a guess.',
    nothingSure: 'No class and no group of classes is likely enough to name it.',
    categories: 'Categories',
    flags: 'Flagged',
    looking: 'Looking…',
  },
  {
    predictions: '最可能的类别',
    class: '{{label}}',
    group: '{{label}}',
    unsure: '不确定',
    perhaps: '可能是{{label}}',
    groupOnly: '大类可以确定，具体是哪一种只是猜测。',
    nothingSure: '没有哪个类别或大类足够可信，所以不下结论。',
    categories: '所属分类',
    flags: '标记',
    looking: '正在看…',
  },
);
