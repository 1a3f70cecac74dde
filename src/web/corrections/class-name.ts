/** The name of a class in the language of the page, whatever language somebody said it in. */
import type { Labels } from '../api/types.ts';
import type { Language } from '../preferences/preferences.ts';

/** `said` itself where no class is called so, such as a new name, or where several are that the other language tells apart. */
export function classNameIn(said: string, classes: Labels['classes'], language: Language): string {
  const names = new Set(classes.filter(({ en, zh }) => en === said || zh === said).map((one) => one[language]));
  const [name = said] = names;
  return names.size === 1 ? name : said;
}
