import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { InferOutput } from 'valibot';
import type { serviceAnswer } from '#kaiyan/server/contract.js';
import { launchBrowser, withPage } from '../support/browser.js';
import { withoutChromium } from '../support/requirements.js';
import { createService, type Service } from '../support/service.js';

describe('a browser that calls a service over HTTPS', { skip: withoutChromium() }, () => {
  let browser: Browser;
  let service: Service;
  let address: string;
  before(async () => {
    service = await createService({ https: true });
    const { port } = new URL(await service.http.listen({ host: '127.0.0.1', port: 0 }));
    address = `https://localhost:${port}/`;
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await service?.end();
  });

  test('warns of its certificate for no other reason than that nobody else vouches for it', async () => {
    const page = await browser.newPage();
    await assert.rejects(page.goto(address), /ERR_CERT_AUTHORITY_INVALID/);
    await page.close();
  });

  test('may film for it once its user goes on, and is told its fingerprint', async () => {
    const seen = async (page: Page) => {
      assert.deepEqual(await page.evaluate('[isSecureContext, "mediaDevices" in navigator]'), [true, true]);
      const asked = page.evaluate("fetch('api/v1/service').then((response) => response.json())");
      const { fingerprint, secure } = (await asked) as InferOutput<typeof serviceAnswer>;
      assert.deepEqual([secure, fingerprint], [true, service.certificate?.fingerprint]);
    };
    await withPage(browser, address, seen, { ignoreHTTPSErrors: true });
  });

  test('comes there also if its user types an address without it', async () => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await page.goto(address.replace('https', 'http'));
    assert.equal(page.url().split('#')[0], address);
    await context.close();
  });
});
