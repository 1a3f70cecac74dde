/**
 * `node scripts/screenshots.js [NAME…]`: takes the pictures of the page in docs/images anew, all or those that are named.
 * It needs Chromium and, for letters that look alike everywhere, the fonts Inter and Noto Sans CJK (Debian: chromium, fonts-inter,
 * fonts-noto-cjk). The page shows pictures of examples/ only.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import sharp from 'sharp';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const folder = path.join(root, 'docs/images');
const pictures = path.join(root, 'examples/pictures');
const picture = (name) => path.join(pictures, name);
const all = readdirSync(pictures).map(picture);

const desktop = { viewport: { width: 1280, height: 800 } };
const tall = { viewport: { width: 1280, height: 920 } };
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const dark = { colorScheme: 'dark' };
const chinese = { locale: 'zh-CN' };

/** What is to be seen, and how to get there from the page at `at`. */
const SHOTS = [
  { name: 'classify', at: '', options: desktop, prepare: give(['red-panda.jpg'], 'red panda') },
  { name: 'classify-zh', at: '', options: { ...desktop, ...chinese }, prepare: give(['red-panda.jpg'], '小熊猫') },
  {
    name: 'several',
    at: '',
    options: { ...desktop, ...dark },
    prepare: give(['coffee.png', 'chelsea.png', 'crab.jpg', 'rocket.jpg'], 'espresso'),
  },
  { name: 'phone', at: '', options: phone, prepare: give(['crab.jpg'], 'rock crab') },
  { name: 'phone-zh', at: '', options: { ...phone, ...chinese }, prepare: give(['crab.jpg'], '岩蟹') },
  { name: 'see', at: '#/see', options: tall, prepare: give(['chelsea.png'], 'cat', showHeat) },
  { name: 'see-zh', at: '#/see', options: { ...tall, ...chinese }, prepare: give(['chelsea.png'], '猫', showHeat) },
  { name: 'tour', at: '#/tour', options: desktop, prepare: showWhere },
  { name: 'exhibition', at: '#/exhibition', options: desktop, prepare: touchExample },
  { name: 'camera', at: '#/camera', options: { ...desktop, ...dark }, prepare: film },
  { name: 'batch', at: '#/batch', options: tall, prepare: (page) => sendMany(page).then(() => showWall(page)) },
  { name: 'batch-zh', at: '#/batch', options: { ...desktop, ...chinese }, prepare: sendMany },
  { name: 'models', at: '#/models', options: desktop, prepare: measure },
  {
    name: 'compare',
    at: '#/models/compare',
    options: tall,
    prepare: give(['red-panda.jpg', 'chelsea.png'], 'In short', showResults),
  },
  { name: 'train', at: '#/train', options: tall, prepare: (page) => collect(page, 'animals', CLASSES) },
  {
    name: 'trained-zh',
    at: '#/train',
    options: { ...tall, ...chinese },
    prepare: (page) => learn(page, 'dongwu', CLASSES_ZH),
  },
  { name: 'api', at: '#/api/classify', options: desktop, prepare: (page) => page.getByText('POST').first().waitFor() },
];

const CLASSES = { cat: 'chelsea.png', 'red panda': 'red-panda.jpg', crab: 'crab.jpg' };
const CLASSES_ZH = { 猫: 'chelsea.png', 小熊猫: 'red-panda.jpg', 螃蟹: 'crab.jpg' };

const wanted = process.argv.slice(2);
const chosen = SHOTS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
if (chosen.length === 0) {
  process.stderr.write(
    `There is no picture ${wanted.join(' ')}; there are ${SHOTS.map(({ name }) => name).join(', ')}.\n`,
  );
  process.exit(2);
}
const work = mkdtempSync(path.join(tmpdir(), 'kaiyan-screenshots-'));
mkdirSync(folder, { recursive: true });
const service = await startService();
const browser = await startBrowser();
try {
  for (const shot of chosen) await take(shot);
} finally {
  await browser.close();
  service.child.kill();
  rmSync(work, { recursive: true, force: true });
}

async function take({ name, at, options, prepare }) {
  const context = await browser.newContext({
    ...{
      locale: 'en-GB',
      deviceScaleFactor: 2,
      permissions: ['camera'],
      reducedMotion: 'reduce',
      serviceWorkers: 'block',
    },
    ...options,
  });
  const page = await context.newPage();
  await page.goto(`${service.address}/${at}`);
  await prepare(page);
  // What is still loading, such as small pictures.
  await page.waitForTimeout(1000);
  const png = await page.screenshot();
  await context.close();
  const webp = await sharp(png).webp({ quality: 80, effort: 6 }).toBuffer();
  writeFileSync(path.join(folder, `${name}.webp`), webp);
  process.stderr.write(`${name}.webp ${Math.round(webp.length / 1000)} kB\n`);
}

function give(names, until, then = async () => undefined) {
  return async (page) => {
    await page.locator('input[type=file]').first().setInputFiles(names.map(picture));
    await page.getByRole('main').getByText(until).first().waitFor();
    await then(page);
  };
}

async function showHeat(page) {
  await page.locator('canvas').first().waitFor();
  await page.waitForTimeout(1500);
}

async function showWhere(page) {
  await page.getByText('Where').first().click();
  await showHeat(page);
}

async function touchExample(page) {
  await page.getByRole('button', { name: 'A red panda' }).click();
  await page.getByText('red panda').first().waitFor();
  await page.waitForTimeout(2000);
}

async function film(page) {
  const start = page.getByRole('button', { name: 'Start the camera' });
  if (await start.isVisible()) await start.click();
  await page
    .getByText(/red panda \d/)
    .first()
    .waitFor();
  await page.waitForTimeout(1500);
}

/** Each example in several sizes and cuts, mixed as in a folder of photographs. */
async function sendMany(page) {
  const files = await Promise.all(
    [0, 1, 2, 3].flatMap((cut) =>
      all.map(async (file, i) => ({
        name: `IMG_${1000 + cut * 10 + i}.jpg`,
        mimeType: 'image/jpeg',
        buffer: await sharp(file)
          .resize(420 - 20 * cut, 320 + 10 * cut)
          .jpeg()
          .toBuffer(),
      })),
    ),
  );
  await page.locator('input[type=file]').first().setInputFiles(files);
  await page.getByRole('button', { name: /^(Send|发送|上传)/ }).click();
  await page.waitForURL(/#\/batch\/.+/);
  await page.waitForTimeout(5000);
}

async function showWall(page) {
  await page.getByRole('radio', { name: 'Wall' }).check();
  await page.evaluate('scrollTo(0, 260)');
  await page.waitForTimeout(2000);
}

async function showResults(page) {
  await page.getByRole('heading', { name: 'In short' }).scrollIntoViewIfNeeded();
  await page.evaluate('scrollTo(0, 200)');
}

/** Views of an example, as a hand would turn it before a camera. */
function views(name, count) {
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const [turn, zoom] = [((i * 7) % 31) - 15, 420 + ((i * 53) % 200)];
      const turned = await sharp(picture(name))
        .rotate(turn, { background: '#777' })
        .resize(zoom, zoom)
        .png()
        .toBuffer();
      return sharp(turned)
        .extract({ left: (i * 5) % 40, top: (i * 11) % 40, width: 360, height: 360 })
        .modulate({ brightness: 0.85 + ((i * 3) % 7) * 0.05 })
        .jpeg()
        .toBuffer();
    }),
  );
}

async function call(way, body) {
  const json = body && !(body instanceof FormData);
  const response = await fetch(`${service.address}/api/v1/${way}`, {
    method: body ? 'POST' : 'GET',
    ...(body && { body: json ? JSON.stringify(body) : body }),
    ...(json && { headers: { 'Content-Type': 'application/json' } }),
  });
  if (!response.ok) throw new Error(`${way}: ${await response.text()}`);
  return response.json();
}

async function collect(page, dataset, classes) {
  await call('datasets', { name: dataset });
  for (const [label, name] of Object.entries(classes)) {
    await call(`datasets/${dataset}/classes`, { label });
    const form = new FormData();
    for (const [i, bytes] of (await views(name, 15)).entries()) form.append('image', new Blob([bytes]), `${i}.jpg`);
    await call(`datasets/${dataset}/pictures?label=${encodeURIComponent(label)}`, form);
  }
  await page.goto(`${service.address}/#/train/data/${dataset}`);
  await page.getByText('15').first().waitFor();
  await page.waitForTimeout(2000);
}

async function learn(page, dataset, classes) {
  await collect(page, dataset, classes);
  const { id } = await call('trainings', { dataset, output: 'animals' });
  for (let state = 'running'; state !== 'done'; { state } = await call(`trainings/${id}`)) {
    if (state === 'failed') throw new Error('The training has failed.');
    await page.waitForTimeout(1000);
  }
  await page.goto(`${service.address}/#/train/runs/${id}`);
  await page.waitForTimeout(2000);
}

async function measure(page) {
  await page.getByRole('button', { name: 'Measure speed' }).first().waitFor();
  for (const button of await page.getByRole('button', { name: 'Measure speed' }).all()) {
    await button.click();
    await button.waitFor({ state: 'detached', timeout: 5000 }).catch(() => undefined);
  }
}

async function startService() {
  const args = ['bin/kaiyan.js', 'serve', '--port', '0', '--log-format', 'json', '--home', path.join(work, 'home')];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  for (;;) {
    const [line] = await once(child.stderr, 'data');
    const address = /http:\/\/127\.0\.0\.1:\d+/.exec(String(line))?.[0];
    if (address) return { child, address };
  }
}

/** A rule of fontconfig: other letters instead of those of a family. */
function instead(family) {
  return `<match target="pattern"><test name="family"><string>${family}</string></test>
    <edit name="family" mode="prepend" binding="strong"><string>Inter</string><string>Noto Sans CJK SC</string></edit></match>`;
}

async function startBrowser() {
  const fonts = path.join(work, 'fonts.conf');
  writeFileSync(
    fonts,
    `<?xml version="1.0"?><fontconfig><include>/etc/fonts/fonts.conf</include>
    ${['system-ui', 'sans', 'sans-serif', 'DejaVu Sans'].map(instead).join('')}</fontconfig>`,
  );
  const frame = await sharp(picture('red-panda.jpg')).resize(960, 640).jpeg({ quality: 92 }).toBuffer();
  const video = path.join(work, 'camera.mjpeg');
  writeFileSync(video, Buffer.concat(Array.from({ length: 30 }, () => frame)));
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      ...['--no-sandbox', '--disable-gpu', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'],
      `--use-file-for-fake-video-capture=${video}`,
    ],
    env: { ...process.env, FONTCONFIG_FILE: fonts },
  });
}
