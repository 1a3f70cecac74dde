/** The pages of the gallery as HTML: no scripts, nothing from elsewhere. */
import path from 'node:path';
import { escapeHtml } from '../../html.js';
import type { Language } from '../../labels/label-set.js';
import type { PictureRecord } from '../picture-record.js';
import { thumbnailOf } from '../thumbnails.js';
import { addressOf } from './addresses.js';
import { labelIn, type Shelf, whereIs } from './shelves.js';
import { style } from './style.js';
import type { Words } from './words.js';

/** By this a page is known as one that may be written anew. */
export const GENERATOR = '<meta name="generator" content="Kaiyan album">';

interface Setting {
  readonly lang: Language;
  readonly words: Words;
  /** The name of the album. */
  readonly title: string;
  /** The page's folder, seen from the album's. */
  readonly folder: string;
}

interface Body {
  readonly heading: string;
  readonly summary: string;
  readonly navigation: string;
  readonly content: string;
}

function layout({ lang, words }: Setting, { heading, summary, navigation, content }: Body): string {
  const name = escapeHtml(heading);
  return `<!doctype html>
<html lang="${lang === 'zh' ? 'zh-Hans' : 'en'}">
<head>
<meta charset="utf-8">
${GENERATOR}
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name}</title>
<style>${style}</style>
</head>
<body>
<a class="skip" href="#pictures">${words.skip}</a>
<header>
${navigation}<h1>${name}</h1>
<p>${summary}</p>
</header>
<main id="pictures">
${content}
</main>
</body>
</html>
`;
}

export interface ShelfPage extends Setting {
  readonly shelf: Shelf;
  readonly pictures: readonly PictureRecord[];
  readonly number: number;
  readonly of: number;
  /** The file of another page of this shelf, or of the overview (0), seen from the album's folder. */
  readonly pageFile: (number: number) => string;
}

/** One page of a category: its labels, each with its pictures. */
export function shelfPage(page: ShelfPage): string {
  const { words, lang, shelf, number, of, pageFile, folder, title } = page;
  const link = (target: number, text: string, rel = '') =>
    `<li><a${rel} href="${addressOf(pageFile(target), folder)}">${escapeHtml(text)}</a></li>`;
  const numbers = pagesAround(number, of).map((other) =>
    other === number
      ? `<li><span aria-current="page">${words.page(number, of)}</span></li>`
      : link(other, `${other}`, ` aria-label="${words.page(other, of)}"`),
  );
  const neighbours = [
    link(0, `${title}: ${words.overview}`),
    ...(number > 1 ? [link(number - 1, words.previous, ' rel="prev"')] : []),
    ...(of > 1 ? numbers : []),
    ...(number < of ? [link(number + 1, words.next, ' rel="next"')] : []),
  ];
  const pages = `<ul class="pages">${neighbours.join('')}</ul>`;
  const sections = byLabel(page.pictures, (picture) => labelIn(picture.label, lang, words)).map(
    ([label, pictures]) =>
      `<section style="--n:${pictures.length}">\n<h2>${escapeHtml(label)}</h2>\n${grid(pictures, page)}\n</section>`,
  );
  const below = of > 1 ? `\n<nav aria-label="${words.page(number, of)}">${pages}</nav>` : '';
  return layout(page, {
    heading: shelf.name,
    summary: words.pictures(shelf.pictures.length),
    navigation: `<nav aria-label="${words.overview}">${pages}</nav>\n`,
    content: `<div class="labels">\n${sections.join('\n')}\n</div>${below}`,
  });
}

/** The first and the last page, and those near this one. */
const pagesAround = (number: number, of: number): number[] =>
  [...new Set([1, number - 2, number - 1, number, number + 1, number + 2, of])]
    .filter((page) => page >= 1 && page <= of)
    .sort((a, b) => a - b);

export interface Overview extends Setting {
  readonly shelves: readonly (Shelf & { readonly file: string })[];
}

/** Pictures of a category on the overview; the others are on its own pages. */
const SAMPLE = 12;

export function overviewPage(page: Overview): string {
  const { words, title, shelves, folder } = page;
  const total = shelves.reduce((sum, { pictures }) => sum + pictures.length, 0);
  const jumps = shelves.map(
    ({ name, pictures }, i) =>
      `<li><a href="#shelf-${i + 1}">${escapeHtml(name)} <span class="count">${pictures.length}</span></a></li>`,
  );
  const sections = shelves.map(({ name, pictures, file }, i) => {
    const all = `<a href="${addressOf(file, folder)}" aria-label="${escapeHtml(name)}: ${words.all(pictures.length)}">${words.all(pictures.length)}</a>`;
    return `<section class="shelf" id="shelf-${i + 1}" aria-labelledby="name-${i + 1}">
<div class="title"><h2 id="name-${i + 1}">${escapeHtml(name)}</h2>${all}</div>
${grid(pictures.slice(0, SAMPLE), page)}
</section>`;
  });
  return layout(page, {
    heading: title,
    summary: total === 0 ? words.empty : words.pictures(total),
    navigation: '',
    content: [
      ...(jumps.length > 1
        ? [`<nav aria-label="${words.categories}"><ul class="jump">${jumps.join('')}</ul></nav>`]
        : []),
      ...sections,
    ].join('\n'),
  });
}

function byLabel(pictures: readonly PictureRecord[], labelOf: (picture: PictureRecord) => string) {
  const sections: [string, PictureRecord[]][] = [];
  for (const picture of pictures) {
    const last = sections.at(-1);
    if (last?.[0] === labelOf(picture)) last[1].push(picture);
    else sections.push([labelOf(picture), [picture]]);
  }
  return sections;
}

function grid(pictures: readonly PictureRecord[], { lang, words, folder }: Setting): string {
  const cards = pictures.map((picture) => {
    const { label, probability, sha256, thumbnail } = picture;
    const where = whereIs(picture);
    const name = escapeHtml(path.basename(where));
    const text = escapeHtml(labelIn(label, lang, words));
    const image = thumbnail
      ? `<img src="${addressOf(thumbnailOf(sha256), folder)}" alt="" width="256" height="256" loading="lazy" decoding="async">`
      : '';
    return `<li><a href="${addressOf(where, folder)}">${image}<b>${text} <span>${words.percent(probability)}</span></b><small>${name}</small></a></li>`;
  });
  return `<ul class="grid">\n${cards.join('\n')}\n</ul>`;
}
