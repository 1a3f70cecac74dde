/** What a model is called that was made from corrections of another one. */
import { parseReference } from '../../models/reference.js';

const SUFFIX = '-corrected';
const LONGEST_NAME = 64;

/** The next version of what was corrected before. */
export function correctedName(reference: string): string {
  const { name } = parseReference(reference);
  return name.endsWith(SUFFIX) ? name : `${name.slice(0, LONGEST_NAME - SUFFIX.length)}${SUFFIX}`;
}
