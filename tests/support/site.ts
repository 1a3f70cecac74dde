/** A service and a browser that visits its page. */
import { before } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Settings } from '#kaiyan/config.js';
import type { Serving } from '#kaiyan/serving/serving.js';
import { launchBrowser, withPage } from './browser.js';
import { type ListeningService, listeningServiceFor } from './service.js';
import { type Ending, suite } from './suite.js';

export interface SiteOptions {
  readonly settings?: Partial<Settings> | ((t: Ending) => Promise<Partial<Settings>>);
  readonly around?: (serving: Serving) => Serving;
  /** Further arguments of the browser. */
  readonly flags?: readonly string[] | ((t: Ending) => Promise<readonly string[]>);
}

export interface Visit extends BrowserContextOptions {
  /** Where in the page, such as `#/settings`. */
  readonly hash?: string;
  /** The address of another service than that of the site. */
  readonly at?: string;
}

export interface Site {
  readonly service: ListeningService;
  readonly browser: Browser;
  readonly visit: (use: (page: Page) => Promise<void>, visit?: Visit) => Promise<void>;
}

/** One for all tests of the `describe` in which this is called; it is there once they run. */
export function sharedSite({ settings = {}, around, flags = [] }: SiteOptions = {}): Site {
  const t = suite();
  let service: ListeningService;
  let browser: Browser;
  before(async () => {
    service = await listeningServiceFor(t, typeof settings === 'function' ? await settings(t) : settings, around);
    browser = await launchBrowser(typeof flags === 'function' ? await flags(t) : flags);
    t.after(() => browser.close());
  });
  return {
    get service() {
      return service;
    },
    get browser() {
      return browser;
    },
    visit: (use, { at = service.address, ...visit } = {}) => withPage(browser, at, use, visit),
  };
}
