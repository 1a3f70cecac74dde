/** What corrections have changed, as a report: the present model and the candidate, side by side on the corrected pictures. */
import path from 'node:path';
import type { Settings } from '../../config.js';
import type { AskedPicture } from '../../evaluation/ask.js';
import { evaluationOf, pairedTest } from '../../evaluation/evaluate.js';
import type { Outcome } from '../../evaluation/outcome.js';
import { writeReport } from '../../evaluation/report/report.js';
import { writeDurably } from '../../folders.js';
import { LANGUAGES, type LabelSet, type Language } from '../../labels/label-set.js';
import type { Bundle } from '../../models/bundle.js';
import type { Finding } from '../check/finding.js';
import type { EmbeddedPicture } from '../embeddings/embeddings.js';
import { reportName } from '../run.js';

interface Answered {
  readonly bundle: Bundle;
  /** Of each corrected picture, by a layer that had not seen it. */
  readonly outcomes: readonly Outcome[];
}

export interface Change {
  readonly present: Answered;
  readonly candidate: Answered;
  readonly corrected: readonly EmbeddedPicture[];
  /** Of the classes that the outcomes are about: those of the candidate. */
  readonly labels: LabelSet;
  /** What makes its figures better than they should be. */
  readonly findings: readonly Finding[];
  readonly source: string;
  readonly folder: string;
  readonly settings: Settings;
}

const NOTES: Readonly<Record<Language, string>> = {
  en: 'Each corrected picture was answered by the present model, and by a last layer that was corrected with the other pictures alone: so none of the answers is one that was learned by heart. The candidate itself has learned from all of them.',
  zh: '每张更正过的图片都由当前模型作答，并由只用其他图片更正过的最后一层作答，因此没有一个答案是背下来的。候选模型本身则从全部图片中学习。',
};

/** @throws AppError OUTPUT_UNWRITABLE, and what writing a file throws */
export async function reportChange(change: Change): Promise<void> {
  const { present, candidate, corrected, labels, findings, source, folder, settings } = change;
  const { signal } = new AbortController();
  const sides = [present, candidate].map(({ bundle, outcomes }) => ({
    contestant: { bundle, precision: 'fp32' } as const,
    asked: corrected.map(({ picture: { path: file, name }, sha256 }, i): AskedPicture => {
      const answer = outcomes[i] as Outcome;
      return { picture: { path: file, name, truth: answer.truth }, sha256, answer };
    }),
  }));
  const evaluations = [];
  for (const { contestant, asked } of sides) {
    // A correction can be deleted, and then no picture of it is to stay.
    const evaluation = await evaluationOf(contestant, asked, { settings, signal, source, thumbnails: 0 }, labels);
    // It was, but not the layer that answered.
    evaluations.push({ ...evaluation, data: { ...evaluation.data, isTrainingData: false, trainedWith: null } });
  }
  const [one, other] = sides.map(({ asked }) => asked) as [AskedPicture[], AskedPicture[]];
  const hasNew = labels.classes.length > present.bundle.labels.classes.length;
  const compared = { evaluations, paired: pairedTest(one, other, !hasNew) };
  await writeDurably(path.join(folder, 'report.json'), `${JSON.stringify(compared)}\n`);
  for (const lang of LANGUAGES) {
    const found = findings.map(({ message, messageZh }) => (lang === 'zh' ? messageZh : message));
    const note = [NOTES[lang], ...found].join(lang === 'zh' ? '' : ' ');
    await writeReport(compared, path.join(folder, reportName(lang, settings)), { lang, note });
  }
}
