/** Why there is no answer, and what to do. */
import { messages } from '../i18n/i18n.ts';

export const problemMessages = messages(
  'problem',
  {
    busy: 'The service is busy',
    tooLarge: 'Too large',
    unreadablePicture: 'This picture cannot be read',
    failed: 'That did not work',
    silent: 'The service does not answer',
    silentAdvice: 'Check that it runs and that you are connected, then try again.',
    unreadable: 'This file cannot be read',
    unreadableAdvice:
      'The browser cannot read it. If it is a folder, drop it on the page Batch; if it moved, choose it again.',
    unexplained: 'The service answered with status {{status}} and no explanation.',
    keyWanted: 'This service asks for a key',
    keyWrong: 'This is not the key of this service',
    keyAdvice: 'Its operator has it. It is kept until you close this tab.',
    key: 'Key',
    useKey: 'Use this key',
    retry: 'Try again',
  },
  {
    busy: '服务正忙',
    tooLarge: '文件太大',
    unreadablePicture: '无法读取这张图片',
    failed: '操作没有成功',
    silent: '服务没有应答',
    silentAdvice: '请确认服务正在运行、网络正常，然后再试一次。',
    unreadable: '无法读取这个文件',
    unreadableAdvice: '浏览器读不出这个文件。如果是文件夹，请拖到“批量”页面；如果文件已移动，请重新选择。',
    unexplained: '服务返回了状态码 {{status}}，没有说明原因。',
    keyWanted: '此服务需要密钥',
    keyWrong: '密钥不正确',
    keyAdvice: '请向服务的管理者索取。密钥只保留到关闭本标签页为止。',
    key: '密钥',
    useKey: '使用此密钥',
    retry: '再试一次',
  },
);
