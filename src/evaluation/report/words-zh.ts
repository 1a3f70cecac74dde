/** The report in Chinese. */
import type { Words } from './words.js';

const count = (value: number) => value.toLocaleString('zh');

export const chinese: Words = {
  lang: 'zh-Hans',
  title: '评测报告',
  comparison: '对比报告',
  skip: '跳到结果',
  versus: (first, second) => `${first} 与 ${second}`,
  summary: (n, k, source) => `${source === '' ? '' : `${source}，`}${count(n)} 张图片，${count(k)} 个类别`,
  count,
  percent: (share) => `${(share * 100).toFixed(1)}%`,
  date: (iso) =>
    new Date(iso).toLocaleDateString('zh-CN', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }),
  interval: (low, high) => `95% 置信区间：${low} 至 ${high}`,
  between: (low, high) => `${low} 至 ${high}`,
  result: '有多准',
  top1: '的图片认对了（top-1 准确率）',
  knowsData: (known, of) =>
    `${known === of ? '模型正是用这些图片训练的，大部分它都认得' : `这 ${count(of)} 张图片中，有 ${count(known)} 张是模型训练时用过的`}。换成别的图片，结果会差一些；请用它没见过的图片来评测。`,
  right: (right, of) => `${count(of)} 张中认对 ${count(right)} 张`,
  figures: {
    top5: { name: 'Top-5 准确率', means: '正确类别排在前五名之内。' },
    macroF1: { name: '宏平均 F1', means: '综合精确率与召回率，各类别同等看待。' },
    balancedAccuracy: { name: '平衡准确率', means: '认对的比例，各类别同等看待。' },
    logLoss: { name: '对数损失', means: '真相让它有多意外；0 最好。' },
    ece: { name: '校准误差', means: '它给出的概率与实际相差多少（ECE）；0 最好。' },
  },
  paired: {
    heading: '哪一个更好？',
    split: ({ onlyFirstRight, onlySecondRight }, first, second) =>
      `有 ${count(onlyFirstRight)} 张只有 ${first} 认对，有 ${count(onlySecondRight)} 张只有 ${second} 认对。`,
    none: '两者认对的图片完全相同，无从分出高下。',
    difference: (value, low, high) => `Top-1 准确率之差：${value} 个百分点（${low} 至 ${high}）。`,
    loss: (value, low, high) => `对数损失之差：${value}（${low} 至 ${high}），越小越好。`,
    verdict: (p, isClear) =>
      isClear
        ? `假如两者水平相当，很少会出现这样悬殊的结果（${p}）：差距不太可能只是巧合。`
        : `即使两者水平相当，这样的结果也很常见（${p}）：凭这些图片还看不出哪个更好。`,
    cells: { bothRight: '都对', bothWrong: '都错', only: (name) => `仅 ${name} 对` },
  },
  confusion: {
    heading: '容易混淆的类别',
    about: '每行是图片的真实类别，每列是认成的类别。对角线上是认对的，其余都是认错的。',
    some: (shown) => `这里只列出最常混淆的 ${shown} 个类别；认成其他类别的不在表中。`,
    none: '没有任何混淆。',
    caption: '混淆矩阵',
    truth: '真实类别',
    named: '认成',
    pairs: '最常见的混淆',
    pictures: '图片数',
  },
  classes: {
    heading: '各类别的表现',
    about: '召回率：这一类的图片中找出了多少。精确率：认成这一类的图片中有多少确实是。表现最弱的排在最前。',
    caption: '各类别的指标',
    name: '类别',
    pictures: '图片数',
    recall: '召回率',
    precision: '精确率',
    f1: 'F1',
    others: (value) => `其余 ${count(value)} 个`,
    averages: '平均',
    macro: '宏平均：各类别同等看待',
    weighted: '加权平均：各图片同等看待',
  },
  calibration: {
    heading: '它给出的概率可信吗？',
    about: '所有概率为 80% 的回答里，应当有八成是对的；这样圆点就落在斜线上。圆点越大，图片越多。',
    mean: (confidence, accuracy) => `它平均给出 ${confidence}，实际认对 ${accuracy}。`,
    tooSure: '它过于自信。',
    tooCareful: '它过于谨慎。',
    fair: '总体上是相符的。',
    ece: (ece) => `期望校准误差（15 个区间）：${ece}。`,
    chart: '可靠性图',
    confidence: '给出的概率',
    accuracy: '实际认对的比例',
    ideal: '理想情况',
    numbers: '具体数字',
    range: '概率',
    pictures: '图片数',
  },
  coverage: {
    heading: '什么时候该说“不确定”',
    about: '阈值越高，能说出名称的图片越少，但说对的比例越高。',
    at: (threshold, coverage, accuracy) =>
      accuracy === null
        ? `阈值为 ${threshold} 时，一张图片也说不出名称。`
        : `阈值为 ${threshold} 时，${coverage} 的图片能说出类别，其中 ${accuracy} 是对的。`,
    groups: (share, accuracy) => `另有 ${share} 只说出大类（例如“狗”），其中 ${accuracy} 是对的。`,
    unsure: (share) => `其余 ${share} 回答“不确定”。`,
    chart: '覆盖率与准确率',
    named: '能说出类别的图片',
    right: '其中说对的',
    present: (threshold) => `阈值 ${threshold}`,
    targets: '要达到某个准确率，该用多高的阈值',
    target: '准确率达到',
    threshold: '阈值',
    unreachable: '任何阈值都达不到',
  },
  mistakes: {
    heading: '认错了，却很自信',
    about: (wrong, shown) =>
      shown === wrong
        ? `全部 ${count(wrong)} 个错误，最自信的排在最前。`
        : `${count(wrong)} 个错误中最自信的 ${count(shown)} 个。请仔细看看：有时错的是标注。`,
    none: '一个错误也没有。',
    said: '认成',
    is: '其实是',
    noPicture: '没有图片',
    more: (value) => `另外 ${count(value)} 个`,
  },
  leftOut: {
    heading: '未计入的图片',
    unusable: (n) => `有 ${count(n)} 张图片无法读取，未计入各项指标。`,
    foreign: (n) => `有 ${count(n)} 张图片的类别是模型没有的，或者没有标注，未计入各项指标。`,
    unlabelled: '没有标注',
    more: (value) => `以及另外 ${count(value)} 张`,
  },
  training: {
    heading: '训练过程',
    loss: '损失',
    accuracy: '准确率',
    training: '训练',
    validation: '验证',
    epoch: '轮次',
    findings: '数据中发现的问题',
    noFindings: '数据中没有发现明显的问题。',
    numbers: '具体数字',
  },
  about: {
    heading: '这份报告的由来',
    model: '模型',
    precision: '精度',
    digest: '模型文件（SHA-256）',
    size: '大小',
    architecture: '网络结构',
    input: '输入',
    temperature: '温度',
    license: '许可证',
    data: '数据',
    dataDigest: '数据（SHA-256）',
    created: '评测日期',
    recipe: '训练配方',
    method: (resamples, seed) =>
      `范围均为 95% 置信区间：换一批同类图片，指标大致会在此范围内变动（百分位自助法，重抽样 ${count(resamples)} 次，随机种子 ${seed}）。`,
    definitions: '各项指标的定义与 scikit-learn 一致。宏平均只计实际出现过或被认成过的类别；分母为零时指标记为 0。',
  },
};
