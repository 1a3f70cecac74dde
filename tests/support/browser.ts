/** A browser as people use it; whatever it complains of fails the test. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { project } from './paths.js';
import { chromium as executablePath } from './requirements.js';

export const browserArguments = ['--no-sandbox', '--disable-gpu'];

/** `more` are further arguments of the browser. */
export const launchBrowser = (more: readonly string[] = []): Promise<Browser> =>
  chromium.launch({ executablePath, args: [...browserArguments, ...more] });

/** Much is drawn, on machines that do other things too. */
const PATIENCE_MS = 30_000;

/**
 * Opens a page in a browser that remembers nothing, at the place that `hash` says, and closes it after `use`. It may neither
 * complain, of a breach of its policy for one, nor call another address.
 */
export async function withPage(
  browser: Browser,
  address: string,
  use: (page: Page) => Promise<void>,
  { hash = '', ...options }: BrowserContextOptions & { readonly hash?: string } = {},
): Promise<void> {
  const context = await browser.newContext({ locale: 'en-GB', serviceWorkers: 'block', ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const complaints: string[] = [];
  try {
    const page = await context.newPage();
    page.on('console', (message) => {
      // Chromium reports every refused or failed request so; what the page makes of it is what the tests look at.
      const isRefusal = message.text().startsWith('Failed to load resource');
      // The first on an address that is not secure, where it protects nothing and does no harm; the second because
      // nothing is kept between tests.
      const isIgnored = /^The Cross-Origin-Opener-Policy header has been ignored|^Service Worker registration blocked/;
      if (['error', 'warning'].includes(message.type()) && !isRefusal && !isIgnored.test(message.text()))
        complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(address) && !url.startsWith(`blob:${address}`)) complaints.push(`a request to ${url}`);
    });
    await page.goto(address + hash);
    await use(page);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

/** What is to be seen of each of them, on one line, with usual spaces. */
export const textsOf = async (elements: Locator): Promise<string[]> =>
  (await elements.allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());

export const textOf = async (elements: Locator): Promise<string> => (await textsOf(elements)).join(' ');

/** Fails if the page has to be moved sideways to be read. */
export async function requireFit(page: Page): Promise<void> {
  const [wanted, there] = await page.evaluate<[number, number]>(
    '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
  );
  assert.ok(wanted <= there, `${wanted} > ${there}`);
}

/** Lets files fall on the middle of the page, as the system does when they are dragged there. */
export async function dropFiles(page: Page, files: readonly string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    const data = { items: [], files: [...files], dragOperationsMask: 1 };
    await session.send('Input.dispatchDragEvent', { type, x: width / 2, y: height / 2, data });
  }
  await session.detach();
}

/** Pastes what was put on the clipboard: a picture, as when it was copied elsewhere, or a text. */
export async function paste(page: Page, content: { readonly png: Buffer } | { readonly text: string }): Promise<void> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  if ('text' in content) await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(content.text)})`);
  else
    await page.evaluate(`(async () => {
      const bytes = Uint8Array.from(atob('${content.png.toString('base64')}'), (character) => character.charCodeAt(0));
      const picture = new Blob([bytes], { type: 'image/png' });
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': picture })]);
    })()`);
  await page.keyboard.press('Control+V');
}

const axe = readFileSync(path.join(project, 'node_modules/axe-core/axe.min.js'), 'utf8');

/** Fails with what axe finds against WCAG 2.2 AA and its best practices in what is to be seen now. */
export async function requireAccessible(page: Page): Promise<void> {
  const findings = await page.evaluate(`(async () => {
    ${axe};
    const { violations } = await axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary }) => [id, help, html.slice(0, 200), failureSummary].join(' | ')));
  })()`);
  assert.deepEqual(findings, []);
}
