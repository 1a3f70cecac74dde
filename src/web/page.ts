/** The page: takes a picture, asks the service about it, shows what it says. */
import { detailsOf, sentenceOf } from './answer.js';
import { byId, element } from './elements.js';
import { type Language, type Words, words } from './messages.js';
import { listenForPictures } from './pictures.js';
import { createPreview } from './preview.js';
import { failureOf, isWorthRetrying } from './refusal.js';
import * as remembered from './remembered.js';
import { classify, type Outcome } from './service.js';

const answer = byId('answer', HTMLElement);
const sentence = byId('sentence', HTMLElement);
const details = byId('details', HTMLElement);
const actions = byId('actions', HTMLElement);
const notice = byId('notice', HTMLElement);
const keyForm = byId('key-form', HTMLFormElement);
const keyField = byId('key', HTMLInputElement);
const preview = createPreview();

let lang = remembered.language();
let file: File | undefined;
/** What the notice under the picture says, in the language of the moment. */
let noticed: (said: Words) => string = () => '';
let work = new AbortController();

async function ask(): Promise<void> {
  if (!file) return;
  work.abort();
  work = new AbortController();
  const { signal } = work;
  const key = remembered.key();
  showLooking();
  const outcome = await classify(file, { lang, key, signal });
  // Another picture, or the same in another language, has taken its place.
  if (!signal.aborted) show(outcome, key !== '');
}

function showLooking(): void {
  answer.ariaBusy = 'true';
  answer.classList.remove('failed');
  sentence.replaceChildren(element('p', 'looking', words[lang].looking));
  actions.hidden = true;
  keyForm.hidden = true;
}

function show(outcome: Outcome, keyGiven: boolean): void {
  answer.ariaBusy = 'false';
  if (outcome.kind === 'answered') {
    sentence.replaceChildren(sentenceOf(outcome.classification, words[lang]));
    details.replaceChildren(...detailsOf(outcome.classification, words[lang]));
    return;
  }
  const asksForKey = outcome.kind === 'refused' && outcome.code === 'UNAUTHORIZED';
  answer.classList.toggle('failed', keyGiven || !asksForKey);
  sentence.replaceChildren(...failureOf(outcome, lang, keyGiven));
  details.replaceChildren();
  actions.hidden = !isWorthRetrying(outcome);
  keyForm.hidden = !asksForKey;
  if (asksForKey) keyField.focus();
}

function speak(chosen: Language): void {
  lang = chosen;
  const said = words[lang];
  document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';
  for (const node of document.querySelectorAll<HTMLElement>('[data-words]')) {
    const text = said[node.dataset.words as keyof Words];
    if (typeof text === 'string') node.textContent = text;
  }
  byId('languages', HTMLElement).ariaLabel = said.language;
  byId('more', HTMLElement).ariaLabel = said.more;
  answer.ariaLabel = said.answer;
  byId('english', HTMLButtonElement).ariaPressed = String(lang === 'en');
  byId('chinese', HTMLButtonElement).ariaPressed = String(lang === 'zh');
  notice.textContent = noticed(said);
  if (file) preview.name(file, said);
}

function notify(text: typeof noticed): void {
  noticed = text;
  notice.textContent = text(words[lang]);
}

function choose(chosen: Language): void {
  remembered.rememberLanguage(chosen);
  speak(chosen);
  void ask();
}

byId('english', HTMLButtonElement).addEventListener('click', () => choose('en'));
byId('chinese', HTMLButtonElement).addEventListener('click', () => choose('zh'));
byId('retry', HTMLButtonElement).addEventListener('click', () => {
  // The button goes away; who came to it by keyboard stays at the answer.
  answer.focus();
  void ask();
});
keyForm.addEventListener('submit', (event) => {
  event.preventDefault();
  remembered.rememberKey(keyField.value);
  keyField.value = '';
  answer.focus();
  void ask();
});
listenForPictures({
  onPicture: (chosen, count) => {
    file = chosen;
    document.body.classList.add('has-picture');
    preview.show(chosen);
    preview.name(chosen, words[lang]);
    notify((said) => (count > 1 ? said.firstOf(count) : ''));
    void ask();
  },
  onNothing: () => notify((said) => said.noPicture),
});
speak(lang);
