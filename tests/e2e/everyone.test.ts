import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { requireAccessible } from '../support/browser.js';
import { temporaryFolder } from '../support/folders.js';
import { examples } from '../support/paths.js';
import { withoutChromium } from '../support/requirements.js';
import { sharedSite } from '../support/site.js';

const cat = path.join(examples, 'chelsea.png');
const coffee = path.join(examples, 'coffee.png');

describe('the page on paper, in colours of their own choice and without motion', { skip: withoutChromium() }, () => {
  const { visit } = sharedSite();

  test('prints a picture with its answer on one sheet, dark on white, however tall it is and whatever else is there', (t) =>
    visit(
      async (page) => {
        const tall = path.join(await temporaryFolder(t), 'tall.jpg');
        await sharp(coffee).rotate(90).resize(300, 1200, { fit: 'cover' }).toFile(tall);
        await choose(page, 'dark', 10, [tall, cat, coffee]);
        const pdf = await page.pdf({ format: 'A4', preferCSSPageSize: true });
        assert.equal(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length, 1);
        await page.emulateMedia({ media: 'print' });
        const [red = 255, green = 255, blue = 255] = await styleOf(page, 'section [role=status] p', 'color').then(
          numbersIn,
        );
        assert.ok(red + green + blue < 150, `text is ${red}, ${green}, ${blue}`);
        assert.ok(await page.locator('main img').first().isVisible());
        assert.equal(await page.locator('nav:visible, main button:visible').count(), 0);
      },
      { colorScheme: 'dark' },
    ));

  test('tells in colours that people chose what answers, how much, and where one is', async () => {
    for (const colorScheme of ['light', 'dark'] as const)
      await visit(
        async (page) => {
          await choose(page, 'system', 5, [cat, coffee]);
          const ground = await styleOf(page, 'body', 'background-color', 'Canvas');
          const accent = await styleOf(page, 'body', 'background-color', 'Highlight');
          assert.notEqual(accent, ground);
          const marked = [
            'nav [aria-current=page]',
            'fieldset :checked + span',
            '[class*=bar_][style]',
            '[class*=primary]',
          ];
          for (const selector of marked)
            assert.equal(await styleOf(page, selector, 'background-color'), accent, selector);
          assert.notEqual(await styleOf(page, 'label:has(:checked) [class*=frame]', 'outline-style'), 'none');
          await requireAccessible(page);
        },
        { forcedColors: 'active', colorScheme },
      );
  });

  test('moves nothing for those who do not want it', () =>
    visit(
      async (page) => {
        await choose(page, 'system', 5, [cat, coffee]);
        const moving = await page.evaluate(`[...document.querySelectorAll('*')]
          .filter((element) => {
            const { animationDuration, transitionDuration, scrollBehavior } = getComputedStyle(element);
            return scrollBehavior === 'smooth' || [animationDuration, transitionDuration].some((list) => /[1-9]/.test(list));
          })
          .map(({ className }) => className)`);
        assert.deepEqual(moving, []);
      },
      { reducedMotion: 'reduce' },
    ));
});

/** Opens the page anew with these preferences, and waits for the answer to the first of the pictures. */
async function choose(page: Page, theme: string, top: number, pictures: readonly string[]): Promise<void> {
  await page.evaluate(`localStorage.setItem('kaiyan.preferences', JSON.stringify(${JSON.stringify({ theme, top })}))`);
  await page.reload();
  await page.getByLabel('Choose pictures').setInputFiles([...pictures]);
  await page.getByRole('region', { name: 'Answer' }).getByRole('heading', { name: 'Categories' }).waitFor();
}

/** The computed value; of an element that has the colour `value` there instead, if it is given. */
const styleOf = (page: Page, selector: string, property: string, value = ''): Promise<string> =>
  page.evaluate(`(() => {
    const found = document.querySelector(${JSON.stringify(selector)});
    if (${JSON.stringify(value)} === '') return getComputedStyle(found).getPropertyValue('${property}');
    const sample = document.body.appendChild(document.createElement('i'));
    sample.style.setProperty('${property}', ${JSON.stringify(value)});
    const computed = getComputedStyle(sample).getPropertyValue('${property}');
    sample.remove();
    return computed;
  })()`);

const numbersIn = (colour: string): number[] => (colour.match(/\d+/g) ?? []).map(Number);
