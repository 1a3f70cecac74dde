/** The service explains its errors in English; these are its sentences in Chinese. */
import type { ErrorCode } from '#kaiyan/errors.js';

/** Where the sentence has no figures. A code that is not here is shown with the service's own sentence. */
const chineseErrors: Readonly<Partial<Record<ErrorCode, string>>> = {
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
  TOO_MANY_MODELS: '一次比较的模型太多，请去掉一个，或请管理者提高 loadedModels。',
  ACTIVATION_FAILED: '换上的模型没有通过检查，所以仍由原来的模型识别。请联系管理者。',
  MANAGEMENT_REFUSED: '只有管理者可以这样做，需要管理令牌。',
  UNAUTHORIZED: '此服务需要密钥，请向管理者索取。',
  PRECISION_UNAVAILABLE: '模型没有所需的精度，请联系管理者。',
  JOB_NOT_FOUND: '找不到这个批次：它可能已被删除，或已过期。',
  JOB_EMPTY: '服务没有收到任何图片，请重新选择。',
  JOBS_FULL: '服务为批量识别保留的空间已满。请删除不再需要的批次，或稍后再试。',
  CORRECTIONS_FULL: '服务为纠正过的图片保留的空间已满。请先用它们训练，再删掉一些。',
  CORRECTION_NOT_FOUND: '找不到这条纠正：它可能已被删除。',
  CORRECTIONS_TOO_FEW: '纠正过的图片太少，还不足以训练。请再纠正几张。',
  NOTHING_TO_ROLL_BACK: '没有可以撤回的模型更换。',
  DATASET_NOT_FOUND: '找不到这个数据集：它可能已被删除。',
  DATASET_EXISTS: '已经有同名的数据集了，请换一个名字。',
  DATASET_FULL: '为数据集保留的空间已满。请删掉不再需要的图片，或请管理者提高 datasetBytes。',
  DATASET_INVALID: '这个数据集还不能用来训练：至少要有两个类别，而且每个类别里都有能读取的图片。',
  CLASS_EXISTS: '这个数据集里已经有同名的类别了，请换一个名称。',
  CLASS_NOT_FOUND: '找不到这个类别：它可能已被改名或删除。',
  PICTURE_NOT_FOUND: '找不到这张图片：它可能已被删除。',
  TRAINING_NOT_FOUND: '找不到这次训练：它可能已被删除。',
  TRAININGS_FULL: '等待中的训练太多。请等一个结束，或删掉一些。',
  TRAINING_NOT_RESUMABLE: '这次训练已经完成，不能继续。请重新开始一次。',
  TRAINING_BUSY: '另一个进程正在进行这次训练，请等它结束。',
  TRAINING_UNSUPPORTED: '这个模型的这些层不能训练。请少训练几层，只训练最后一层，或换一个模型。',
  MODEL_EXISTS: '这个名称和版本的模型已经装好了，请换一个名称或版本。',
  TRAINING_FAILED: '训练进程意外退出，可能是内存不足。可以继续训练；如果再次退出，请减少图片，或换用较小的图片。',
  DISK_FULL: '服务所在的磁盘空间不足，请先腾出空间，再试一次。',
  IDEMPOTENCY_CONFLICT: '上一次发送还没有结束，请稍等片刻再试。',
  ARCHIVE_INVALID: '压缩包无法解开：它已损坏、加了密，或内容不安全。请重新打包，只放图片。',
  PICTURE_CRASHED: '识别这张图片时程序多次异常退出。请换一种格式保存，再试一次。',
  QUEUE_UNAVAILABLE: '服务暂时读不到批次记录，请稍后再试。',
  PICTURES_UNAVAILABLE: '服务暂时读不到保存的图片，请稍后再试。',
  FILE_UNREADABLE: '服务读不到这个文件，请确认它还在原处。',
  INTERNAL: '服务内部出错，原因已告知管理者。',
};

/** What the service says of an error, with its figures where it is something's size; undefined where there is no Chinese. */
export function chineseFor(code: string, sentence: string): string | undefined {
  if (!isKnown(code)) return undefined;
  return (
    (code === 'IMAGE_TOO_LARGE' || code === 'REQUEST_TOO_LARGE' ? tooLarge(sentence) : undefined) ?? chineseErrors[code]
  );
}

const isKnown = (code: string): code is keyof typeof chineseErrors => Object.hasOwn(chineseErrors, code);

/** The figures are those of the service's own sentence (`src/errors.ts`), which alone has them. */
function tooLarge(sentence: string): string | undefined {
  const [, what, limit, actual, , setting] =
    /^Expected a (picture|request) of at most (.+?), but it has (.+?)\. .*?(settings? (\w+(?: or \w+)*))?\.$/.exec(
      sentence,
    ) ?? [];
  if (limit === undefined || actual === undefined) return undefined;
  const raise = setting === undefined ? '' : `，或请管理者调高 ${setting.replaceAll(' or ', ' 或 ')}`;
  if (what === 'picture') return `图片不能超过 ${figures(limit)}，这张有 ${figures(actual)}。请缩小后再试${raise}。`;
  const unpacked = actual === 'more once it is unpacked' ? '解压后' : '';
  const found = actual.startsWith('more') ? `${unpacked}超出了` : `有 ${figures(actual)}`;
  return `一次最多可以发送 ${figures(limit)}，这次${found}。请分几次发送${raise}。`;
}

const figures = (english: string): string =>
  english
    .replace(/([\d.]+) megapixels/g, (_, count) => pixels(Number(count)))
    .replace(/ pixels \((.+)\)/, ' 像素（$1）')
    .replace(' bytes', ' 字节')
    .replace('one picture', '1 张图片')
    .replace(' pictures', ' 张图片')
    .replace(' and ', '、');

function pixels(megapixels: number): string {
  const [count, unit] = megapixels < 100 ? [megapixels * 100, '万'] : [megapixels / 100, '亿'];
  return `${Number(count.toPrecision(3))} ${unit}像素`;
}
