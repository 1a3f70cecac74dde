/** How people say what a picture really shows. */
import { messages } from '../i18n/i18n.ts';

export const correctionMessages = messages(
  'correction',
  {
    notRight: 'Not right?',
    title: 'What is it really?',
    search: 'Look for it, or give it a new name',
    perhaps: 'Perhaps one of these',
    found: 'What the model knows',
    newOne: 'A new name',
    says: 'The model knows no “{{label}}” yet. It can learn it.',
    keeps:
      'This picture will then be kept on the machine of this service, so that it can learn from it. Nobody else gets it.',
    keepsSmall:
      'The picture itself is no longer there; its small copy will then be kept on the machine of this service, so that it can learn from it.',
    send: 'It is {{label}}',
    chooseFirst: 'Choose what it is',
    thanks: 'Kept: {{label}}.',
    undo: 'Undo',
    undone: 'It is deleted.',
  },
  {
    notRight: '不对？',
    title: '它实际是什么？',
    search: '查找，或起一个新名称',
    perhaps: '也许是其中之一',
    found: '模型认识的',
    newOne: '新名称',
    says: '模型还不认识“{{label}}”，可以教它。',
    keeps: '这张图片随后会保存在本服务所在的电脑上，供它学习，不会交给别人。',
    keepsSmall: '原图已经不在了；随后会把它的缩略图保存在本服务所在的电脑上，供它学习。',
    send: '是{{label}}',
    chooseFirst: '请选择它是什么',
    thanks: '已保存：{{label}}。',
    undo: '撤销',
    undone: '已删除。',
  },
);
