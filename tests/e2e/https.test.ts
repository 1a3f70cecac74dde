import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { InferOutput } from 'valibot';
import type { serviceAnswer } from '#kaiyan/server/contract.js';
import { withoutChromium } from '../support/requirements.js';
import { sharedSite } from '../support/site.js';

describe('a browser that calls a service over HTTPS', { skip: withoutChromium() }, () => {
  const site = sharedSite({ settings: { https: true } });
  const address = () => `https://localhost:${site.service.port}/`;

  test('warns of its certificate for no other reason than that nobody else vouches for it', async () => {
    const page = await site.browser.newPage();
    await assert.rejects(page.goto(address()), /ERR_CERT_AUTHORITY_INVALID/);
    await page.close();
  });

  test('may film for it once its user goes on, and is told its fingerprint', async () => {
    const seen = async (page: Page) => {
      assert.deepEqual(await page.evaluate('[isSecureContext, "mediaDevices" in navigator]'), [true, true]);
      const asked = page.evaluate("fetch('api/v1/service').then((response) => response.json())");
      const { fingerprint, secure } = (await asked) as InferOutput<typeof serviceAnswer>;
      assert.deepEqual([secure, fingerprint], [true, site.service.certificate?.fingerprint]);
    };
    await site.visit(seen, { at: address(), ignoreHTTPSErrors: true });
  });

  test('comes there also if its user types an address without it', async () => {
    const context = await site.browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await page.goto(address().replace('https', 'http'));
    assert.equal(page.url().split('#')[0], address());
    await context.close();
  });
});
