/** Draws a picture with its answer below it: 1200 pixels wide, as high as the picture wants, as PNG. */
import { pixelsOf } from '../../pictures/drawn.ts';

interface CardBar {
  readonly label: string;
  /** 0..1 */
  readonly probability: number;
  /** The same as it is to be read. */
  readonly figure: string;
}

export interface CardWords {
  readonly sentence: string;
  /** Empty for none. */
  readonly perhaps: string;
  readonly bars: readonly CardBar[];
  readonly line: string;
}

const WIDTH = 1200;
/** Of the picture: what is wider or taller has an edge. */
const LOWEST = 480;
const HIGHEST = 1200;
const WORDS_HEIGHT = 560;
const EDGE = 64;
const MOST_BARS = 3;
// The same on every screen, whatever its theme: a card is passed on.
const COLORS = {
  paper: '#ffffff',
  text: '#171c1a',
  quiet: '#55605c',
  track: '#e8ebe8',
  accent: '#0b716a',
  ground: '#eef0ee',
};

/** @throws CallError if neither the browser nor the service can read the picture */
export async function drawCard(picture: Blob, words: CardWords): Promise<Blob> {
  const pixels = await pixelsOf(picture);
  const height = Math.round(Math.min(HIGHEST, Math.max(LOWEST, (WIDTH * pixels.height) / pixels.width)));
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH;
  canvas.height = height + WORDS_HEIGHT;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This browser gives no canvas to draw on.');
  context.fillStyle = COLORS.paper;
  context.fillRect(0, 0, canvas.width, canvas.height);
  drawPicture(context, pixels, height);
  pixels.close();
  drawWords(context, words, height);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The card cannot be drawn.'))), 'image/png'),
  );
}

/** Whole, in the middle. */
function drawPicture(context: CanvasRenderingContext2D, pixels: ImageBitmap, most: number): void {
  context.fillStyle = COLORS.ground;
  context.fillRect(0, 0, WIDTH, most);
  const scale = Math.min(WIDTH / pixels.width, most / pixels.height);
  const [width, height] = [pixels.width * scale, pixels.height * scale];
  context.imageSmoothingQuality = 'high';
  context.drawImage(pixels, (WIDTH - width) / 2, (most - height) / 2, width, height);
}

function drawWords(context: CanvasRenderingContext2D, { sentence, perhaps, bars, line }: CardWords, top: number): void {
  const family = getComputedStyle(document.documentElement).fontFamily;
  const write = (text: string, y: number, font: string, color: string, align: CanvasTextAlign = 'left') => {
    context.font = `${font} ${family}`;
    context.fillStyle = color;
    context.textAlign = align;
    context.fillText(text, align === 'left' ? EDGE : WIDTH - EDGE, y, WIDTH - 2 * EDGE);
  };
  write(sentence, top + 104, '650 68px', COLORS.text);
  if (perhaps !== '') write(perhaps, top + 160, '400 34px', COLORS.quiet);
  bars.slice(0, MOST_BARS).forEach(({ label, probability, figure }, i) => {
    const y = top + 236 + i * 82;
    write(label, y, '400 30px', COLORS.text);
    write(figure, y, '400 30px', COLORS.quiet, 'right');
    drawBar(context, y + 16, 1, COLORS.track);
    drawBar(context, y + 16, probability, COLORS.accent);
  });
  write(line, top + WORDS_HEIGHT - 56, '400 26px', COLORS.quiet);
}

function drawBar(context: CanvasRenderingContext2D, y: number, share: number, color: string): void {
  context.fillStyle = color;
  context.beginPath();
  context.roundRect(EDGE, y, Math.max(12, (WIDTH - 2 * EDGE) * share), 12, 6);
  context.fill();
}
