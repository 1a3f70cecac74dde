/** The words around every page. */
import { messages } from '../i18n/i18n.ts';

export const shellMessages = messages(
  'shell',
  {
    skip: 'Skip to the content',
    pages: 'Pages',
    classify: 'Classify',
    see: 'How it sees',
    camera: 'Camera',
    batch: 'Batch',
    train: 'Train',
    models: 'Models',
    api: 'API',
    settings: 'Settings',
    more: 'More',
    language: 'Language',
    opening: 'Opening…',
    offline: 'The service does not answer. Pages open, but pictures are not answered until it is back.',
  },
  {
    skip: '跳到正文',
    pages: '页面',
    classify: '识别',
    see: '它怎么看',
    camera: '摄像头',
    batch: '批量',
    train: '训练',
    models: '模型',
    api: 'API',
    settings: '设置',
    more: '更多',
    language: '语言',
    opening: '正在打开…',
    offline: '服务没有应答。页面可以打开，但要等服务恢复后才能识别图片。',
  },
);
