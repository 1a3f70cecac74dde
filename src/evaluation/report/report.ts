/** An evaluation as one page: no scripts, nothing from elsewhere, so that it can be kept, sent and printed. */
import { outputUnwritable, writeDurably } from '../../folders.js';
import { escapeHtml } from '../../html.js';
import type { Language } from '../../labels/label-set.js';
import type { ComparedEvaluations, Evaluation } from '../evaluation.js';
import { aboutSection, type Fact } from './about-section.js';
import { classesSection } from './classes-section.js';
import { confusionSection } from './confusion-section.js';
import { headline, pairedSection } from './headline.js';
import { leftOutSection, mistakesSection } from './mistakes-section.js';
import { calibrationSection, coverageSection } from './probability-sections.js';
import { modelName, paragraph, type Setting } from './side.js';
import { style } from './style.js';
import { type TrainingStory, trainingSection } from './training-section.js';
import { reportWords } from './words.js';

export interface ReportOptions {
  readonly lang: Language;
  /** How the model was trained. */
  readonly training?: TrainingStory;
  readonly recipe?: readonly Fact[];
  /** How it was asked, if not as it answers. */
  readonly note?: string;
}

/** What the page may load; a service that sends it has to allow no less. */
export const REPORT_POLICY =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** Of one model, or of two side by side. */
export function renderReport(
  { evaluations, paired }: ComparedEvaluations,
  { lang, training, recipe = [], note }: ReportOptions,
): string {
  const words = reportWords[lang];
  const setting: Setting = { words, lang };
  const all = evaluations as readonly [Evaluation, ...Evaluation[]];
  const { data, created } = all[0];
  const names = all.map(modelName);
  const heading = names.length > 1 ? words.versus(names[0] as string, names[1] as string) : (names[0] as string);
  const kind = names.length > 1 ? words.comparison : words.title;
  const sections = [
    headline(all, setting),
    paired ? pairedSection(paired, all, setting) : '',
    training ? trainingSection(training, setting) : '',
    confusionSection(all, setting),
    mistakesSection(all, setting),
    classesSection(all, setting),
    calibrationSection(all, setting),
    coverageSection(all, setting),
    leftOutSection(all, setting),
    aboutSection(all, recipe, setting),
  ].filter((section) => section !== '');
  return `<!doctype html>
<html lang="${words.lang}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${REPORT_POLICY}">
<meta name="generator" content="Kaiyan">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${escapeHtml(`${kind}: ${heading}`)}</title>
<style>${style}</style>
</head>
<body>
<a class="skip" href="#figures">${escapeHtml(words.skip)}</a>
<header>
<p class="eyebrow">Kaiyan · ${escapeHtml(kind)}</p>
<h1><bdi>${escapeHtml(heading)}</bdi></h1>
<p class="quiet">${escapeHtml(words.summary(data.pictures, data.classes, data.source))} · ${escapeHtml(words.date(created))}</p>
</header>
<main id="figures">
${note === undefined ? '' : `${paragraph(note)}\n`}${sections.join('\n')}
</main>
</body>
</html>
`;
}

/** The page is complete or not there, and what was there before stays until then. @throws AppError OUTPUT_UNWRITABLE */
export async function writeReport(report: ComparedEvaluations, file: string, options: ReportOptions): Promise<void> {
  try {
    await writeDurably(file, renderReport(report, options));
  } catch (error) {
    throw outputUnwritable(error as Error);
  }
}
