import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import sharp, { type Sharp } from 'sharp';
import type { Classification } from '#kaiyan/classification/classification.js';
import type { Serving } from '#kaiyan/serving/serving.js';
import { qrPath } from '#page/pages/camera/qr.js';
import { launchBrowser, requireAccessible, requireFit, textOf, textsOf, withPage } from '../support/browser.js';
import { FILM_HEIGHT, FILM_WIDTH, filmArguments, filmedPicture, makeFilm } from '../support/camera.js';
import { temporaryFolder } from '../support/folders.js';
import { examples } from '../support/paths.js';
import { withoutChromium } from '../support/requirements.js';
import { listeningServiceFor } from '../support/service.js';
import { sharedSite } from '../support/site.js';
import { until } from '../support/timing.js';

const pictures = ['chelsea.png', 'coffee.png', 'alps.jpg'].map((name) => path.join(examples, name));
const SECONDS = 2;
/** Not a secure address, as that of another machine. */
const FAR_NAME = 'kaiyan.test';
const phone: BrowserContextOptions = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
const PATIENCE_MS = 30_000;

interface Asked {
  readonly bytes: Buffer;
  readonly answer: Classification;
}

describe('the page Camera', { skip: withoutChromium() }, () => {
  /** What the service was asked, and answered. */
  const asked: Asked[] = [];
  const listening = (serving: Serving): Serving => ({
    ...serving,
    use: (choice, work, signal) =>
      serving.use(
        choice,
        (classifier) =>
          work({
            ...classifier,
            classify: async (bytes, options) => {
              const answer = await classifier.classify(bytes, options);
              asked.push({ bytes: Buffer.from(bytes), answer });
              return answer;
            },
          }),
        signal,
      ),
  });

  const site = sharedSite({
    settings: { host: '0.0.0.0' },
    around: listening,
    flags: async (t) => {
      const file = path.join(await temporaryFolder(t), 'film.mjpeg');
      await makeFilm({ file, pictures, seconds: SECONDS });
      return [...filmArguments(file), `--host-resolver-rules=MAP ${FAR_NAME} 127.0.0.1`];
    },
  });

  const inPage = (use: (page: Page) => Promise<void>, options?: BrowserContextOptions) =>
    site.visit((page) => openCamera(page).then(() => use(page)), options);

  /** Frames that were asked about from now on, once there are so many. */
  async function nextFrames(count: number): Promise<readonly Asked[]> {
    const before = asked.length;
    await until(`${count} frames`, () => asked.length >= before + count, PATIENCE_MS);
    return asked.slice(before, before + count);
  }

  /** What was on its way when it stopped may still arrive. */
  async function requireQuiet(page: Page): Promise<void> {
    await until(
      'no further frame',
      async () => {
        const before = asked.length;
        await page.waitForTimeout(700);
        return asked.length === before;
      },
      PATIENCE_MS,
    );
  }

  test('says what it sees, one picture after the other, and how quickly', () =>
    inPage(async (page) => {
      await says(page, /^cat \d+\.\d % perhaps/);
      await says(page, /^espresso \d+\.\d %$/);
      await says(page, /^alp \d+\.\d %$/);
      const answer = page.getByRole('region', { name: 'Answer' });
      assert.match(
        await textOf(answer.locator('dl')),
        /^Frames a second [\d.]+ Time to answer [\d.]+ ms Model alone [\d.]+ ms$/,
      );
      assert.equal(await answer.getByRole('listitem').count(), 5);
    }));

  test('sends the middle of what the camera sees, as it is and not as in a mirror, one frame after the other', () =>
    inPage(async (page) => {
      await says(page, /^cat/);
      const [frame] = await nextFrames(1);
      assert.ok(frame);
      assert.deepEqual(await sizeOf(frame.bytes), ['jpeg', 256, 256]);
      const filmed = await Promise.all(pictures.map((one) => filmedPicture(one)));
      const middles = filmed.map((picture) => sharp(picture).resize(256, 256, { fit: 'cover' }));
      const straight = await closest(
        frame.bytes,
        middles.map((one) => one.clone()),
      );
      const mirrored = await closest(
        frame.bytes,
        middles.map((one) => one.clone().flop()),
      );
      assert.ok(3 * straight < mirrored, `${straight}, ${mirrored}`);
      const scale = () => page.evaluate("getComputedStyle(document.querySelector('video')).scale");
      assert.equal(await scale(), '-1 1');
      const mirror = page.getByRole('button', { name: 'Mirror the picture' });
      await mirror.click();
      assert.equal(await mirror.getAttribute('aria-pressed'), 'false');
      assert.equal(await scale(), 'none');
    }));

  test('freezes with the space bar, and says what the API says of the frozen frame; goes on the same way', () =>
    inPage(async (page) => {
      await says(page, /^cat/);
      await page.keyboard.press('Space');
      await page.getByText('Frozen', { exact: true }).waitFor();
      await requireQuiet(page);
      const { predictions, answer } = await apiAnswer(asked.at(-1)?.bytes);
      const bars = page.getByRole('region', { name: 'Answer' }).getByRole('listitem');
      const expected = predictions.slice(0, 5).map(inWords);
      await until('its answer', async () => String(await textsOf(bars)) === String(expected), PATIENCE_MS);
      await says(page, new RegExp(`^${answer.label} ${(answer.probability * 100).toFixed(1)} %`));
      await page.keyboard.press('Space');
      await nextFrames(3);
      assert.equal(await page.getByText('Frozen', { exact: true }).count(), 0);
    }));

  async function apiAnswer(bytes: Buffer | undefined): Promise<Classification> {
    const response = await fetch(`${site.service.address}api/v1/classify?top=20&lang=en`, {
      method: 'POST',
      headers: { 'Content-Type': 'image/jpeg' },
      body: new Uint8Array(bytes ?? []),
    });
    return (await response.json()) as Classification;
  }

  test('takes a snapshot to Classify, whole and not mirrored, and lets go of the camera', () =>
    inPage(async (page) => {
      await says(page, /^cat/);
      await page.getByRole('button', { name: 'Snapshot' }).click();
      await page.getByRole('heading', { level: 1, name: 'What does your picture show?' }).waitFor();
      await page.getByRole('region', { name: 'Answer' }).getByText('cat', { exact: false }).first().waitFor();
      await requireQuiet(page);
      const snapshot = asked.at(-1)?.bytes ?? Buffer.alloc(0);
      assert.deepEqual(await sizeOf(snapshot), ['jpeg', FILM_WIDTH, FILM_HEIGHT]);
      const filmed = await Promise.all(pictures.map((one) => filmedPicture(one)));
      const straight = await closest(
        snapshot,
        filmed.map((one) => sharp(one)),
      );
      const mirrored = await closest(
        snapshot,
        filmed.map((one) => sharp(one).flop()),
      );
      assert.ok(3 * straight < mirrored, `${straight}, ${mirrored}`);
    }));

  test('does not turn the camera on any more once the page has been left', () =>
    site.visit(async (page) => {
      await page.evaluate(`(() => {
        const { permissions, mediaDevices } = navigator;
        const query = permissions.query.bind(permissions);
        const late = new Promise((resolve) => { window.answerLate = resolve; });
        permissions.query = (what) => late.then(() => query(what));
        const give = mediaDevices.getUserMedia.bind(mediaDevices);
        window.wanted = 0;
        mediaDevices.getUserMedia = (constraints) => { window.wanted += 1; return give(constraints); };
      })()`);
      await page.evaluate("location.hash = '#/camera'");
      await page.getByRole('button', { name: 'Start the camera' }).waitFor({ timeout: PATIENCE_MS });
      await page.evaluate("location.hash = '#/'");
      await page.getByRole('button', { name: 'Start the camera' }).waitFor({ state: 'detached' });
      await page.evaluate('answerLate()');
      await page.waitForTimeout(500);
      assert.equal(await page.evaluate('window.wanted'), 0);
    }));

  test('sends nothing while the page is hidden, and goes on when it is seen again', () =>
    inPage(async (page) => {
      await nextFrames(2);
      await setHidden(page, true);
      await requireQuiet(page);
      await setHidden(page, false);
      await nextFrames(2);
    }));

  test('reads out an answer when it has settled, and not each change of it', () =>
    inPage(async (page) => {
      await page.evaluate(`(() => {
        window.spoken = [];
        const status = document.querySelector('main [role=status]');
        const note = () => spoken.push([performance.now(), status.textContent]);
        new MutationObserver(note).observe(status, { childList: true, characterData: true, subtree: true });
      })()`);
      await until('two sentences', async () => ((await page.evaluate('spoken')) as []).length >= 2, PATIENCE_MS);
      const spoken = (await page.evaluate('spoken')) as [number, string][];
      for (const [, words] of spoken) assert.match(words, /^(cat|espresso|alp)$/);
      const gaps = spoken.slice(1).map(([at], i) => at - (spoken[i]?.[0] ?? 0));
      assert.ok(Math.min(...gaps) > 3900, `${gaps}`);
      assert.equal(await page.getByRole('region', { name: 'Answer' }).getAttribute('aria-live'), null);
    }));

  test('can be used by keyboard alone: stopped, started, frozen, mirrored, in full screen', () =>
    inPage(async (page) => {
      const focused = () => page.evaluate('document.activeElement.textContent || document.activeElement.ariaLabel');
      await page.getByRole('button', { name: 'Stop the camera' }).press('Enter');
      await page.getByText('Nothing is recorded.').waitFor();
      assert.equal(await focused(), 'Start the camera');
      await requireQuiet(page);
      await page.keyboard.press('Enter');
      await nextFrames(1);
      assert.equal(await focused(), 'Freeze');
      await page.keyboard.press('Space');
      assert.equal(await focused(), 'Go on');
      await page.keyboard.press('Enter');
      assert.equal(await focused(), 'Freeze');
      for (const next of ['Snapshot', 'Mirror the picture', 'Full screen']) {
        await page.keyboard.press('Tab');
        assert.equal(await focused(), next);
      }
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Leave full screen' }).waitFor();
      assert.equal(await page.evaluate('document.fullscreenElement.querySelector("video") !== null'), true);
      await nextFrames(2);
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Full screen', exact: true }).waitFor();
    }));

  test('keeps the screen on while it films', () =>
    site.visit(async (page) => {
      await page.addInitScript(`
        const { request } = WakeLock.prototype;
        window.locks = [];
        WakeLock.prototype.request = async function (type) {
          const lock = await request.call(this, type);
          locks.push(lock);
          return lock;
        };`);
      await page.reload();
      await openCamera(page);
      const held = () => page.evaluate('locks.filter(({ released }) => !released).length');
      await until('the lock', async () => (await held()) === 1);
      // There is something to freeze once a picture was seen.
      await nextFrames(2);
      await page.keyboard.press('Space');
      await until('its end', async () => (await held()) === 0);
    }));

  const screens: readonly [what: string, options: BrowserContextOptions][] = [
    ['light', {}],
    ['dark, on a projector', { colorScheme: 'dark', viewport: { width: 1920, height: 1080 } }],
    ['on a phone', phone],
  ];
  for (const [what, options] of screens)
    test(`keeps nobody out, ${what}, and fits`, () =>
      inPage(async (page) => {
        await says(page, /^(cat|espresso|alp) /);
        await requireAccessible(page);
        await requireFit(page);
      }, options));

  test('speaks Chinese, and answers anew when the language changes', () =>
    inPage(
      async (page) => {
        assert.equal(await page.title(), '摄像头 · Kaiyan 开眼');
        await says(page, /^猫 \d+\.\d% 可能是/, '识别结果');
        assert.doesNotMatch(await textOf(page.locator('main')), /[a-z]{3,} [a-z]{3,}/);
        await page.getByRole('radio', { name: 'EN' }).check({ force: true });
        await says(page, /^(cat|espresso|alp) /);
      },
      { locale: 'zh-CN' },
    ));

  test('on an address that is not secure, says why there is no camera and what to do', async () => {
    const far = site.service.address.replace('127.0.0.1', FAR_NAME);
    const { port } = new URL(far);
    for (const [options, heading] of [
      [{}, 'Not on this address'],
      [{ locale: 'zh-CN', colorScheme: 'dark', ...phone }, '这个地址不能使用摄像头'],
    ] as const)
      await site.visit(
        async (page) => {
          await page.getByRole('heading', { level: 2, name: heading }).waitFor();
          await page.getByRole('link', { name: `http://localhost:${port}/#/camera` }).waitFor();
          await page.getByText('kaiyan serve --host 0.0.0.0 --https').waitFor();
          await requireAccessible(page);
          await requireFit(page);
        },
        { at: far, hash: '#/camera', ...options },
      );
  });

  test('tells how phones get in: by restarting first, if they cannot', () =>
    inPage(async (page) => {
      const open = page.getByRole('button', { name: 'Use a phone' });
      await open.click();
      const dialog = page.getByRole('dialog', { name: 'Use a phone' });
      await dialog.getByText('kaiyan serve --host 0.0.0.0 --https').waitFor();
      await dialog.getByText('Phones cannot reach Kaiyan now').waitFor();
      await requireAccessible(page);
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'hidden' });
      assert.equal(await page.evaluate('document.activeElement.textContent'), 'Use a phone');
    }));

  test('tells how phones get in over HTTPS: by a code to scan, and the fingerprint to compare', async (t) => {
    const secure = await listeningServiceFor(t, { https: true, host: '0.0.0.0' });
    const far = `https://${FAR_NAME}:${secure.port}/`;
    await site.visit(
      async (page) => {
        await openCamera(page);
        await says(page, /^(cat|espresso|alp) /);
        await page.getByRole('button', { name: 'Use a phone' }).click();
        const target = `${far}#/camera`;
        const code = page.getByRole('img', { name: `QR code of ${target}` });
        assert.equal(await code.locator('path').getAttribute('d'), qrPath(target).path);
        const colours = await page.evaluate(`['rect', 'path'].map((part) =>
          getComputedStyle(document.querySelector('[role=dialog] svg[role=img] ' + part)).fill)`);
        assert.deepEqual(colours, ['rgb(255, 255, 255)', 'rgb(0, 0, 0)']);
        const { fingerprint = '' } = secure.certificate ?? {};
        await page.getByText(fingerprint, { exact: true }).waitFor();
        await requireAccessible(page);
      },
      { at: far, ignoreHTTPSErrors: true, colorScheme: 'dark' },
    );
  });

  test('says that the service is busy when it says so, and lets it be for as long as it wants', async (t) => {
    const busy = await listeningServiceFor(t, { rateLimit: 12 });
    await site.visit(
      async (page) => {
        const refused: number[] = [];
        page.on('response', (response) => {
          if (response.status() === 429) refused.push(performance.now());
        });
        await openCamera(page);
        await page.getByRole('heading', { name: 'The service is busy' }).waitFor();
        const count = refused.length;
        await page.waitForTimeout(1000);
        assert.equal(refused.length, count);
      },
      { at: busy.address },
    );
  });

  test('says that the service does not answer, and goes on by itself when it does', () =>
    inPage(async (page) => {
      await nextFrames(1);
      await page.context().setOffline(true);
      await page.getByRole('heading', { name: 'The service does not answer' }).waitFor();
      await page.context().setOffline(false);
      await nextFrames(2);
      await page.getByRole('heading', { name: 'The service does not answer' }).waitFor({ state: 'hidden' });
    }));

  describe('where there is no such camera', () => {
    /** In a browser with so many cameras, which asks or not. */
    async function inBrowser(
      t: TestContext,
      flags: readonly string[],
      use: (page: Page) => Promise<void>,
      options: BrowserContextOptions = {},
    ): Promise<void> {
      const other = await launchBrowser(flags);
      t.after(() => other.close());
      await withPage(
        other,
        site.service.address,
        async (page) => {
          await page.goto(`${site.service.address}#/camera`);
          await use(page);
        },
        options,
      );
    }

    test('says that it is not allowed, and how to allow it; starts once it is', (t) =>
      inBrowser(t, ['--use-fake-device-for-media-stream'], async (page) => {
        await page.getByText('Nothing is recorded.').waitFor();
        await requireAccessible(page);
        await page.getByRole('button', { name: 'Start the camera' }).click();
        await page.getByRole('heading', { name: 'The camera is not allowed' }).waitFor();
        await requireAccessible(page);
        assert.equal(await page.evaluate('document.activeElement.textContent'), 'Try again');
        await page.context().grantPermissions(['camera']);
        await page.getByRole('button', { name: 'Try again' }).click();
        await nextFrames(1);
      }));

    test('says that there is none', (t) =>
      inBrowser(
        t,
        ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream=device-count=0'],
        async (page) => {
          await page.getByRole('heading', { name: '没有找到摄像头' }).waitFor();
          await page.getByRole('link', { name: '改用照片' }).click();
          await page.getByRole('heading', { level: 1 }).waitFor();
        },
        { locale: 'zh-CN' },
      ));

    test('offers the choice of several', (t) =>
      inBrowser(
        t,
        ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream=device-count=2'],
        async (page) => {
          const choice = page.getByRole('combobox', { name: 'Camera' });
          await choice.waitFor();
          const id = () =>
            page.evaluate('document.querySelector("video").srcObject.getVideoTracks()[0].getSettings().deviceId');
          const [first, second] = (await page.evaluate(
            "[...document.querySelectorAll('main option')].map(({ value }) => value)",
          )) as string[];
          assert.equal(await id(), first);
          await choice.selectOption(second ?? '');
          await until('the other camera', async () => (await id().catch(() => undefined)) === second);
          await nextFrames(1);
          await requireAccessible(page);
        },
      ));
  });
});

/** Every page of this browser may use the camera, so it starts by itself. */
async function openCamera(page: Page): Promise<void> {
  await page.evaluate("location.hash = '#/camera'");
  await page.locator('video').waitFor({ timeout: PATIENCE_MS });
}

async function says(page: Page, expected: RegExp, region = 'Answer'): Promise<void> {
  const answer = page.getByRole('region', { name: region, exact: true });
  const sentence = async () => textOf(answer.locator('> div').first());
  let said = '';
  await until(
    `the answer ${expected}`,
    async () => {
      said = (await answer.locator('> div').count()) > 0 ? await sentence() : '';
      return expected.test(said);
    },
    PATIENCE_MS,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}; it says: ${said}`);
  });
}

const inWords = ({ label, probability }: { readonly label: string; readonly probability: number }) =>
  `${label} ${probability < 0.0005 ? '< 0.1' : (probability * 100).toFixed(1)} %`;

/** A browser without windows hides nothing; the page is told what it would be told. */
async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate(`(() => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, value: '${hidden ? 'hidden' : 'visible'}' });
    document.dispatchEvent(new Event('visibilitychange'));
  })()`);
}

async function sizeOf(picture: Buffer): Promise<readonly unknown[]> {
  const { format, width, height } = await sharp(picture).metadata();
  return [format, width, height];
}

/** Mean absolute difference to the one of them that it is most like, 0..255; they have the same size. */
async function closest(picture: Buffer, others: readonly Sharp[]): Promise<number> {
  const pixels = await sharp(picture).removeAlpha().raw().toBuffer();
  const differences = others.map(async (other) => {
    const own = await other.removeAlpha().raw().toBuffer();
    return pixels.reduce((sum, value, i) => sum + Math.abs(value - (own[i] ?? Number.NaN)), 0) / pixels.length;
  });
  return Math.min(...(await Promise.all(differences)));
}
