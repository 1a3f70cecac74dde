/** What was found in a data set, in words. */
import type { Finding } from '../training/check/finding.js';
import type { Inspection } from '../training/check/inspect-dataset.js';
import { counted } from '../training/check/words.js';
import { percent, visible } from './output.js';

/** At most `most` pictures of each finding. */
export function describeInspection(inspection: Inspection, most: number): string {
  const { findings } = inspection;
  const parts = findings.map((finding) => [visible(finding.message), ...listed(finding, most)].join('\n'));
  return [overview(inspection), ...parts, advice(inspection)].join('\n\n');
}

function overview({ pictures, classes, crossValidated }: Inspection): string {
  const filled = classes.filter((one) => one.pictures > 0).length;
  const named = crossValidated === null ? '' : ` A model that did not see them names ${percent(crossValidated)} right.`;
  return `${counted(pictures, 'picture')} of ${counted(filled, 'class', 'classes')}.${named}`;
}

function advice({ findings, classes }: Inspection): string {
  const filled = classes.filter((one) => one.pictures > 0);
  if (filled.length < 2) {
    const found = filled.length === 0 ? 'none can be read' : visible(`there are only those of ${filled[0]?.label}`);
    return `Nothing was changed, but this cannot be trained with: it takes pictures of two classes or more, and ${found}. Add others, and check again.`;
  }
  return findings.length === 0
    ? 'Nothing odd was found. Train with it: kaiyan train --data-path DATA'
    : 'Nothing was changed, and you can train all the same. Look at what was found, correct what is wrong, and check again.';
}

/** Copies of each other stand on one line. */
function listed({ pictures, groups }: Finding, most: number): string[] {
  const lines = groups?.map((group) => group.join(' = ')) ?? pictures;
  const left = lines.length - most;
  return [
    ...lines.slice(0, most).map((line) => visible(`  ${line}`)),
    ...(left > 0 ? [`  and ${left} more; --all lists them`] : []),
  ];
}
