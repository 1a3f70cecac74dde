/** Every word of the page, in English and Chinese. */
import type { ErrorCode } from '#kaiyan/errors.js';

export type Language = 'en' | 'zh';

const english = {
  question: 'What does your picture show?',
  how: 'Drop a picture anywhere on this page, paste one, or choose a file.',
  choose: 'Choose a picture',
  camera: 'Take a photo',
  privacy: 'The picture goes to this service only, and is not kept.',
  language: 'Language',
  more: 'More',
  docs: 'API',
  health: 'Health',
  picture: 'Your picture',
  noPreview: 'This browser cannot show this file.',
  noPicture: 'There is no picture on the clipboard.',
  firstOf: (count: number) => `Only the first of ${count} files is answered.`,

  answer: 'Answer',
  looking: 'Looking at the picture…',
  unsure: 'not sure',
  sureOfGroup: (guess: string) => `, perhaps ${guess}`,
  sureOfNothing: (guess: string) => `, perhaps ${guess}`,
  groupOnly: 'Sure of the group; the kind is a guess.',
  nothingSure: 'No class and no group is sure enough.',
  predictions: 'The most probable classes',
  categories: 'Categories',
  flags: 'Flagged',
  milliseconds: (count: string) => `${count} ms`,

  retry: 'Try again',
  busy: 'The service is busy',
  tooLarge: 'Too large',
  unreadablePicture: 'This picture cannot be read',
  failed: 'No answer',
  silent: 'The service does not answer',
  silentAdvice: 'Check that it runs and that you are connected, then try again.',
  unreadable:
    'The browser cannot read this file. If it is a folder, open it and choose a picture; if it moved, choose it again.',
  unexplained: (status: number) => `The service answered with status ${status} and no explanation.`,
  key: 'Key',
  useKey: 'Use this key',
  keyWanted: 'This service asks for a key',
  keyAdvice: 'Its operator has it. It is kept until you close this tab.',
  keyWrong: 'This is not the key of this service',
};

export type Words = typeof english;

const chinese: Words = {
  question: '图片里有什么？',
  how: '把图片拖到页面上、粘贴，或选择文件。',
  choose: '选择图片',
  camera: '拍照',
  privacy: '图片只发送给本服务，不会被保存。',
  language: '语言',
  more: '更多',
  docs: 'API 文档',
  health: '运行状态',
  picture: '你的图片',
  noPreview: '浏览器无法显示这个文件。',
  noPicture: '剪贴板里没有图片。',
  firstOf: (count) => `共 ${count} 个文件，只识别第一个。`,

  answer: '结果',
  looking: '正在识别…',
  unsure: '不确定',
  sureOfGroup: (guess) => `，可能是${guess}`,
  sureOfNothing: (guess) => `，或许是${guess}`,
  groupOnly: '大类可以确定，具体是哪一种只是猜测。',
  nothingSure: '没有足够把握的类别。',
  predictions: '最可能的类别',
  categories: '所属分类',
  flags: '标记',
  milliseconds: (count) => `${count} 毫秒`,

  retry: '再试一次',
  busy: '服务正忙',
  tooLarge: '图片太大',
  unreadablePicture: '无法读取这张图片',
  failed: '没有得到结果',
  silent: '服务没有应答',
  silentAdvice: '请确认服务正在运行、网络正常，然后再试一次。',
  unreadable: '浏览器无法读取这个文件。如果是文件夹，请打开后选择其中的图片；如果文件已移动，请重新选择。',
  unexplained: (status) => `服务返回了状态码 ${status}，没有说明原因。`,
  key: '密钥',
  useKey: '使用此密钥',
  keyWanted: '此服务需要密钥',
  keyAdvice: '请向服务的管理者索取。密钥只保留到关闭本标签页为止。',
  keyWrong: '密钥不正确',
};

export const words: Readonly<Record<Language, Words>> = { en: english, zh: chinese };

/** What the service says in English; a code that is not here is shown with the service's own sentence. */
export const chineseErrors: Readonly<Partial<Record<ErrorCode, string>>> = {
  IMAGE_MISSING: '服务没有收到图片，请重新选择。',
  IMAGE_EMPTY: '这个文件是空的（0 字节），请重新选择。',
  IMAGE_UNSUPPORTED: '这不是受支持的图片格式，请先转换成 JPEG 或 PNG。',
  IMAGE_CORRUPT: '图片不完整或已损坏，无法解码。请重新保存，或换一份再试。',
  IMAGE_TOO_LARGE: '图片超出了服务允许的大小，请缩小后再试。',
  IMAGE_TIMEOUT: '图片解码用时过长，请另存为 JPEG 后再试。',
  HEIC_UNAVAILABLE: '服务没有安装 HEIC 解码器，请先把图片转换成 JPEG。',
  MEDIA_TYPE_UNSUPPORTED: '服务不接受这种内容类型，请换一张图片。',
  REQUEST_TOO_LARGE: '请求超出了服务允许的大小，请缩小图片后再试。',
  REQUEST_INVALID: '服务无法理解这个请求，请刷新页面后再试。',
  HEADERS_TOO_LARGE: '请求头过大，请清除本站的 Cookie 后再试。',
  QUEUE_FULL: '排队的图片已满，请稍后再试。',
  RATE_LIMITED: '请求过于频繁，请稍后再试。',
  DEADLINE_EXCEEDED: '服务没能及时给出结果，请稍后再试。',
  UPLOAD_TIMEOUT: '上传用时过长，请检查网络后再试。',
  WORKER_FAILED: '识别进程出了故障，已经重新启动，请再试一次。',
  ABORTED: '请求被取消，请再试一次。',
  CLOSED: '服务正在关闭或重启，请稍后再试。',
  HOST_REFUSED: '服务不接受通过这个地址的访问。请改用本机地址（如 localhost），或请管理者把它加入 allowedHosts。',
  ORIGIN_REFUSED: '服务不接受来自这个页面的请求。请直接打开服务的地址，或请管理者把它加入 corsOrigins。',
  MODEL_NOT_FOUND: '服务没有安装所需的模型，请联系管理者。',
  MODEL_TOO_LARGE: '服务没有足够的内存来加载所需的模型，请联系管理者。',
  MODELS_BUSY: '内存被正在使用的其他模型占满，请稍后再试。',
  PRECISION_UNAVAILABLE: '模型没有所需的精度，请联系管理者。',
  INTERNAL: '服务内部出错，原因已告知管理者。',
};

export const isChineseError = (code: string): code is keyof typeof chineseErrors => Object.hasOwn(chineseErrors, code);
