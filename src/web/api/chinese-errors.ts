/** The service explains its errors in English; these are its sentences in Chinese. */
import type { ErrorCode } from '#kaiyan/errors.js';

/** A code that is not here is shown with the service's own sentence. */
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
  JOB_NOT_FOUND: '找不到这个批次：它可能已被删除，或已过期。',
  JOB_EMPTY: '服务没有收到任何图片，请重新选择。',
  JOBS_FULL: '服务为批量识别保留的空间已满。请删除不再需要的批次，或稍后再试。',
  DISK_FULL: '服务所在的磁盘空间不足，请先腾出空间，再试一次。',
  IDEMPOTENCY_CONFLICT: '上一次发送还没有结束，请稍等片刻再试。',
  ARCHIVE_INVALID: '压缩包无法解开：它已损坏、加了密，或内容不安全。请重新打包，只放图片。',
  PICTURE_CRASHED: '识别这张图片时程序多次异常退出。请换一种格式保存，再试一次。',
  QUEUE_UNAVAILABLE: '服务暂时读不到批次记录，请稍后再试。',
  PICTURES_UNAVAILABLE: '服务暂时读不到保存的图片，请稍后再试。',
  FILE_UNREADABLE: '服务读不到这个文件，请确认它还在原处。',
  INTERNAL: '服务内部出错，原因已告知管理者。',
};

export const isChineseError = (code: string): code is keyof typeof chineseErrors => Object.hasOwn(chineseErrors, code);
