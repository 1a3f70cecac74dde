/** An explanation on a terminal: the answer, how it was found out, and a small map of shades. */
import type { Explanation, Method } from '../explanation/explain.js';
import type { Language } from '../labels/label-set.js';
import { percent, visible } from './output.js';

/** From cold to hot; a cell is twice as wide as a letter, and so about a square. */
const SHADES = ['··', '░░', '▒▒', '▓▓', '██'];

const METHODS: Readonly<Record<Language, Readonly<Record<Method, string>>>> = {
  en: {
    'class-activation-map': 'exact: class activation map',
    'class-map': 'exact: class map of the network',
    occlusion: 'approximate: by covering parts of the picture',
  },
  zh: {
    'class-activation-map': '精确：类激活图',
    'class-map': '精确：网络自身的类别图',
    occlusion: '近似：逐块遮挡图片',
  },
};

export interface ReportOptions {
  readonly lang: Language;
  /** Whether the map is shown too. */
  readonly grid: boolean;
}

/** What was given to the network lies in the picture as it says. */
export function describeExplanation(file: string, explanation: Explanation, { lang, grid }: ReportOptions): string {
  const { class: explained, method, model, picture } = explanation;
  const crop = [explanation.crop.width, explanation.crop.height].map(Math.round).join(' × ');
  const whole = `${picture.width} × ${picture.height}`;
  const given =
    lang === 'zh' ? `网络看到的是中间 ${crop} 像素（原图 ${whole}）` : `seen: the middle ${crop} of ${whole} pixels`;
  return [
    visible(`${file}: ${explained.label} ${percent(explained.probability, lang)}`),
    ...(grid ? ['', ...mapOf(explanation.grid), ''] : []),
    `${METHODS[lang][method]} · ${model.name} ${model.precision} · ${given}`,
  ].join('\n');
}

function mapOf({ rows, columns, values }: Explanation['grid']): string[] {
  const most = Math.max(...values);
  const shade = (value: number) => {
    const step = most > 0 ? Math.ceil((value / most) * SHADES.length) - 1 : 0;
    return SHADES[Math.min(SHADES.length - 1, Math.max(0, step))];
  };
  return Array.from({ length: rows }, (_, row) => {
    const cells = values.slice(row * columns, (row + 1) * columns);
    return `  ${cells.map(shade).join('')}`;
  });
}
